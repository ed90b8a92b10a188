//! The machine and what a process used of it, as Linux tells under `/proc`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Hundredths of a second: the kernel's unit of processor time for programs, on every usual machine.
const TICK_MS: f64 = 10.0;

/// One line about the machine.
pub fn words() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|l| l.starts_with(name));
        line.and_then(|l| l.split_once(':'))
            .map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{}, {cores} cores, {} memory, Linux {}",
        field("/proc/cpuinfo", "model name"),
        field("/proc/meminfo", "MemTotal"),
        kernel.trim()
    )
}

/// A process that is measured.
#[derive(Clone, Copy)]
pub struct Process(pub u32);

impl Process {
    /// Processor time used so far by all its threads, in milliseconds.
    pub fn cpu_ms(self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        // The name in brackets may hold spaces; what follows it does not.
        let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: f64 = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|t| t.parse::<f64>().ok())
            .sum();
        ticks * TICK_MS
    }

    /// Memory held now, in MiB.
    pub fn memory(self) -> f64 {
        self.status("VmRSS:")
    }

    /// The most memory held since [`Self::forget_peak`], in MiB.
    pub fn peak(self) -> f64 {
        self.status("VmHWM:")
    }

    /// Begins a new reckoning of the peak.
    pub fn forget_peak(self) {
        fs::write(format!("/proc/{}/clear_refs", self.0), "5").expect("the peak can be reset");
    }

    /// Network connections and listeners it holds.
    pub fn sockets(self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.0));
        files.map_or(0, |files| {
            let links = files.flatten().filter_map(|f| fs::read_link(f.path()).ok());
            links
                .filter(|l| l.to_string_lossy().starts_with("socket:"))
                .count()
        })
    }

    fn status(self, name: &str) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix(name));
        let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1024.0
    }
}

/// How long one disk sync of a small appended block takes, in the middle of `count`, in this folder.
pub fn disk_sync(folder: &Path, count: usize) -> Duration {
    let path = folder.join("sync.probe");
    let mut file = fs::File::create(&path).unwrap();
    let mut all: Vec<Duration> = (0..count)
        .map(|_| {
            file.write_all(&[7; 4096]).unwrap();
            let begun = Instant::now();
            file.sync_data().unwrap();
            begun.elapsed()
        })
        .collect();
    drop(file);
    fs::remove_file(path).unwrap();
    all.sort_unstable();
    all.get(count / 2).copied().unwrap_or_default()
}
