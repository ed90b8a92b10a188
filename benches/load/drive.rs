//! So many clients for so long, and how long each of their requests took.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::machine::Process;

/// What came of a measurement.
#[derive(Default)]
pub struct Measured {
    /// Requests answered as they should be.
    pub done: usize,
    pub failed: usize,
    pub time: Duration,
    /// Processor time of the measured process, in milliseconds.
    pub cpu_ms: f64,
    /// Of each request, sorted.
    took: Vec<Duration>,
}

impl Measured {
    pub fn per_second(&self) -> f64 {
        self.done as f64 / self.time.as_secs_f64().max(f64::EPSILON)
    }

    /// Milliseconds of processor time a request.
    pub fn cpu_each(&self) -> f64 {
        self.cpu_ms / (self.done.max(1)) as f64
    }

    /// The time within which this share of the requests was answered.
    pub fn within(&self, share: f64) -> Duration {
        let at = (self.took.len() as f64 * share).ceil() as usize;
        self.took
            .get(at.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }

    /// Takes in another measurement of the same thing.
    pub fn add(&mut self, other: Self) {
        self.done += other.done;
        self.failed += other.failed;
        self.time += other.time;
        self.cpu_ms += other.cpu_ms;
        self.took.extend(other.took);
        self.took.sort_unstable();
    }
}

/// Runs `clients` threads for `time`. `client` makes what one thread uses; `step` does one request and says
/// whether it was answered as it should be. A tenth of the time before that warms up and is not counted.
pub fn drive<C>(
    process: Process,
    clients: usize,
    time: Duration,
    client: impl Fn(usize) -> C + Sync,
    step: impl Fn(&mut C) -> bool + Sync,
) -> Measured {
    let counting = AtomicBool::new(false);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (counting, over, client, step) = (&counting, &over, &client, &step);
        let running: Vec<_> = (0..clients)
            .map(|n| {
                scope.spawn(move || {
                    let mut client = client(n);
                    let mut found = Measured::default();
                    while !over.load(Ordering::Relaxed) {
                        let counted = counting.load(Ordering::Relaxed);
                        let begun = Instant::now();
                        let good = step(&mut client);
                        if counted && good {
                            found.done += 1;
                            found.took.push(begun.elapsed());
                        } else if counted {
                            found.failed += 1;
                        }
                    }
                    found
                })
            })
            .collect();
        thread::sleep(time / 10);
        let (begun, cpu) = (Instant::now(), process.cpu_ms());
        counting.store(true, Ordering::Relaxed);
        thread::sleep(time);
        let (took, cpu) = (begun.elapsed(), process.cpu_ms() - cpu);
        over.store(true, Ordering::Relaxed);
        let mut all = Measured::default();
        for thread in running {
            all.add(thread.join().expect("a client"));
        }
        all.time = took;
        all.cpu_ms = cpu;
        all
    })
}
