//! The caseload as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;

use super::*;
use crate::casework::picture::Picture;
use crate::casework::review::missing;
use crate::casework::secrets::Secrets;
use crate::domain::actor::Role;
use crate::domain::form::Severity;
use crate::domain::nhs_number::NhsNumber;
use crate::store::cases::Case;
use crate::store::{
    Target, cases, clocks, counts, events, notifications, outbox, records, requests, responses,
};

struct Bench {
    db: Db,
    house: Arc<House>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::random();
        let target = Target::Sqlite {
            path: folder.path().join("cdr.db"),
            key_hex: secrets.database_key(),
        };
        let keys = Arc::new(secrets.keyring());
        let mut house = House::load(secrets, "http://localhost", None).unwrap();
        house.live = false;
        Self {
            db: Db::start(&target, &keys).unwrap(),
            house: Arc::new(house),
            _folder: folder,
        }
    }

    fn seeded(cases: usize, seed: u64) -> Self {
        let bench = Self::start();
        let began = Instant::now();
        let report = run(&bench.db, &bench.house, &order(cases, seed)).unwrap();
        eprintln!("{report} in {:?}", began.elapsed());
        assert_eq!(report.cases, cases);
        bench
    }

    fn cases(&self) -> Vec<Case> {
        let read = |c: &mut _| Ok::<_, Error>(cases::stretch(c, "", 100_000)?);
        self.db.read(read).unwrap()
    }

    /// Everything written, but for keyed hashes and the mails' links.
    fn rows(&self) -> Vec<String> {
        let read = |c: &mut _| {
            let mut all = Vec::new();
            for case in cases::stretch(c, "", 100_000)? {
                let of = case.id.clone();
                all.push(format!("{case:?}"));
                all.extend(records::of_case(c, &of)?.iter().map(|r| format!("{r:?}")));
                all.extend(responses::of_case(c, &of)?.iter().map(|r| format!("{r:?}")));
                all.extend(clocks::of_case(c, &of)?.iter().map(|r| format!("{r:?}")));
                for request in requests::of_case(c, &of)? {
                    all.push(format!(
                        "{} {} {}",
                        request.id, request.state, request.email
                    ));
                }
                for event in events::of_case(c, &of, &[case.notification_id], 1_000)? {
                    all.push(format!("{event:?}"));
                }
            }
            let mails = outbox::latest(c, 1_000)?;
            all.extend(
                mails
                    .iter()
                    .map(|m| format!("{} {}", m.dedupe_key, m.recipient)),
            );
            Ok::<_, Error>(all)
        };
        self.db.read(read).unwrap()
    }
}

/// Every case has its clocks, and what is over on a closed one does not run.
#[test]
fn every_case_has_its_clocks() {
    let bench = Bench::seeded(40, 3);
    for case in bench.cases() {
        let read = |c: &mut _| Ok::<_, Error>(clocks::of_case(c, &case.id)?);
        let all = bench.db.read(read).unwrap();
        let of = |id: &str| all.iter().filter(|row| row.clock == id).count();
        assert_eq!((of("C25"), of("C05")), (1, 1), "{}", case.reference);
        let asked = all.iter().filter(|row| !row.about.is_empty()).count();
        assert!(
            asked >= usize::try_from(case.requests_out).unwrap(),
            "{}",
            case.reference
        );
        let runs = |id: &str| {
            all.iter()
                .any(|row| row.clock == id && row.outcome == "running")
        };
        if case.national_accepted_at.is_some() {
            assert!(!runs("C31") && !runs("C21"), "{}", case.reference);
        }
    }
}

fn order(cases: usize, seed: u64) -> Order {
    Order {
        cases,
        seed,
        today: NaiveDate::from_ymd_opt(2026, 7, 1).unwrap(),
    }
}

#[test]
fn the_same_seed_gives_the_same_rows() {
    let (one, other) = (Bench::seeded(9, 5).rows(), Bench::seeded(9, 5).rows());
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_ne!(one, Bench::seeded(9, 6).rows());
}

/// Every stage of a case, whatever was drawn, and nothing that stops a finalised one.
#[test]
fn every_stage_is_there_and_what_is_finalised_is_whole() {
    for seed in [1, 2] {
        let bench = Bench::seeded(120, seed);
        let all = bench.cases();
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for case in &all {
            *states.entry(&case.state).or_default() += 1;
        }
        eprintln!("{states:?}");
        for state in [
            "gathering",
            "cdrm_held",
            "awaiting_external",
            "ready_for_panel",
            "listed",
            "panel_complete",
            "signed_off",
            "closed",
            "reopened",
        ] {
            assert!(states.contains_key(state), "{state} {seed}: {states:?}");
        }
        nothing_stops(&bench, &all);
        kept_counts_hold(&bench, &states);
        nobody_is_real(&bench, &all);
        agencies_stand_everywhere(&bench, &all);
    }
}

fn nothing_stops(bench: &Bench, all: &[Case]) {
    let world = World::new(&bench.house, &order(1, 1)).unwrap();
    let ctx = Context::new(
        &bench.house,
        world.end,
        people::actor(Role::Coordinator),
        "test",
    );
    let done = all.iter().filter(|c| c.finalised_at.is_some());
    let mut n = 0;
    for case in done {
        let found = bench
            .db
            .read(|c| missing(c, &ctx, case))
            .unwrap()
            .into_iter()
            .find(|m| m.severity == Severity::Stop);
        assert_eq!(found, None, "{}", case.reference);
        n += 1;
    }
    assert!(n >= 40, "{n}");
}

fn kept_counts_hold(bench: &Bench, states: &BTreeMap<&str, usize>) {
    let kept: BTreeMap<String, i64> = bench
        .db
        .read(|c| Ok::<_, Error>(counts::all(c)?))
        .unwrap()
        .into_iter()
        .collect();
    for (state, n) in states {
        assert_eq!(
            kept.get(&format!("case:{state}")),
            Some(&i64::try_from(*n).unwrap()),
            "{state}"
        );
    }
    for state in [
        "received",
        "accepted",
        "joined",
        "out_of_scope",
        "transferred",
    ] {
        assert!(
            kept.get(&format!("notification:{state}"))
                .is_some_and(|n| *n > 0),
            "{state}"
        );
    }
}

fn nobody_is_real(bench: &Bench, all: &[Case]) {
    let mut numbers: Vec<&str> = all.iter().filter_map(|c| c.nhs_number.as_deref()).collect();
    let held = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), held);
    assert!(
        numbers
            .iter()
            .all(|n| NhsNumber::parse(n).unwrap().is_test_range())
    );
    let mails = bench
        .db
        .read(|c| Ok::<_, Error>(outbox::latest(c, 10_000)?))
        .unwrap();
    assert!(
        mails
            .iter()
            .all(|m| m.recipient.ends_with(".example") && m.state == "sent")
    );
    let end = order(1, 1).today.and_hms_opt(0, 0, 0).unwrap();
    assert!(mails.iter().all(|m| m.created_at < end));
    assert!(all.iter().all(|c| c.opened_at < end && c.updated_at <= end));
}

fn agencies_stand_everywhere(bench: &Bench, all: &[Case]) {
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    let (mut nil, mut overdue) = (0, 0);
    let today = order(1, 1).today;
    for case in all {
        let asked = bench
            .db
            .read(|c| Ok::<_, Error>(requests::of_case(c, &case.id)?))
            .unwrap();
        for request in asked {
            nil += usize::from(request.nil_return);
            let waits = matches!(request.state.as_str(), "sent" | "opened");
            overdue += usize::from(waits && request.agreed_date < today);
            *states.entry(request.state).or_default() += 1;
        }
    }
    eprintln!("{states:?} nil {nil} overdue {overdue}");
    for state in [
        "sent",
        "opened",
        "answered",
        "sent_back",
        "accepted",
        "withdrawn",
    ] {
        assert!(states.contains_key(state), "{state}: {states:?}");
    }
    assert!(nil > 0 && overdue > 0);
    let differ = all.iter().filter(|case| differs(bench, case)).count();
    assert!(differ > 0);
}

fn differs(bench: &Bench, case: &Case) -> bool {
    let rows = bench
        .db
        .read(|c| Ok::<_, Error>(records::of_case(c, &case.id)?))
        .unwrap();
    let ctx = Context::new(
        &bench.house,
        DateTime::UNIX_EPOCH,
        Actor::operator(),
        "test",
    );
    !Picture::of(&ctx, rows).unsettled().is_empty()
}

/// Each story, led to its end: nothing in it stops the panel.
#[test]
fn every_story_can_be_finalised() {
    let bench = Bench::start();
    let world = Arc::new(World::new(&bench.house, &order(1, 4)).unwrap());
    let mut numbers = NhsNumbers::from(&mut world.chance.branch("numbers"));
    let died = world.today - chrono::Days::new(700);
    for (place, story) in world.stories.iter().enumerate() {
        let mut chance = world.chance.branch(&story.name);
        let plan = Plan {
            child: child::Child::any(&world.house, story, died, &mut numbers, &mut chance),
            story: place,
            quirk: Quirk::Plain,
            recent: false,
            chance,
        };
        let world = Arc::clone(&world);
        let led = bench.db.write(move |tx| life::lead(tx, &world, &plan));
        let case = led.map(|led| led.case.unwrap());
        let state = case.map(|case| case.state);
        assert!(
            matches!(state.as_deref(), Ok("closed" | "submitted_ncmd")),
            "{}: {state:?}",
            story.name
        );
    }
}

/// A copy tells of another child only.
#[test]
fn a_copy_holds_nothing_of_its_first() {
    let bench = Bench::seeded(60, 3);
    let all = bench.cases();
    let copies: Vec<&Case> = all
        .iter()
        .filter(|c| c.surname_folded.contains(' ') || c.display_name.contains('-'))
        .collect();
    assert!(copies.len() > 15, "{}", copies.len());
    let firsts: Vec<&Case> = all
        .iter()
        .filter(|c| !c.display_name.contains('-'))
        .collect();
    for copy in copies {
        let texts = bench
            .db
            .read(|c| {
                let mut texts: Vec<String> = records::of_case(c, &copy.id)?
                    .into_iter()
                    .flat_map(|r| [r.answers, r.sources])
                    .collect();
                texts.extend(
                    responses::of_case(c, &copy.id)?
                        .into_iter()
                        .map(|r| r.answers),
                );
                texts.extend(
                    events::of_case(c, &copy.id, &[], 1_000)?
                        .into_iter()
                        .map(|e| e.detail),
                );
                texts.extend(
                    notifications::of_case(c, &copy.id)?
                        .into_iter()
                        .map(|n| n.answers),
                );
                Ok::<_, Error>(texts)
            })
            .unwrap();
        for first in &firsts {
            for secret in [
                Some(&first.reference),
                Some(&first.id),
                first.nhs_number.as_ref(),
            ]
            .into_iter()
            .flatten()
            {
                assert!(
                    texts.iter().all(|t| !t.contains(secret.as_str())),
                    "{} holds {secret}",
                    copy.reference
                );
            }
        }
    }
}

/// The demonstration's panels: one that met, decided and was signed, and one that is to come.
#[test]
fn the_demonstration_has_a_panel_that_met_and_one_to_come() {
    use crate::store::{actions, meetings, panels};
    let bench = Bench::start();
    assert!(people::add_people(&bench.db, &bench.house).unwrap());
    run(&bench.db, &bench.house, &order(120, 1)).unwrap();
    let all = bench.cases();
    let (mut signed, mut looked) = (0, 0);
    for case in &all {
        let read = |c: &mut _| {
            let signed = panels::signed_of(c, &case.id)?.len();
            let looked = actions::of_case(c, &case.id)?;
            Ok::<_, Error>((signed, looked))
        };
        let (own, actions) = bench.db.read(read).unwrap();
        signed += own;
        looked += actions
            .iter()
            .filter(|row| row.body.contains("look_12"))
            .count();
    }
    assert!(signed >= 2 && looked >= 2, "{signed} {looked}");
    let since = order(1, 1).today.and_hms_opt(0, 0, 0).unwrap() - chrono::Duration::days(30);
    let read = |c: &mut _| {
        let mut found = Vec::new();
        for row in meetings::panels_since(c, since, None, 10)? {
            let items = panels::of_meeting(c, &row.id)?.len();
            let people = meetings::people_of(c, &row.id)?;
            found.push((row.state, items, people));
        }
        Ok::<_, Error>(found)
    };
    let mut found = bench.db.read(read).unwrap();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let [(held, decided, _), (planned, listed, people)] = found.as_slice() else {
        panic!("{} panels", found.len());
    };
    assert_eq!(
        (held.as_str(), planned.as_str(), *listed),
        ("held", "planned", 12)
    );
    assert!(*decided >= 2);
    assert_eq!(people.len(), 5);
    assert!(
        people
            .iter()
            .all(|p| p.user_id.is_some() && p.reply == "accepted")
    );
    nothing_stops(&bench, &all);
    nobody_is_real(&bench, &all);
}
