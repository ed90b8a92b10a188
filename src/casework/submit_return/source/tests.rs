//! Cases written straight through the store, read back as the return sees them, and taken through a package,
//! its ledger and its answer. Nobody in them ever lived.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::facts::all_in;
use super::*;
use crate::casework::secrets::Secrets;
use crate::casework::submit_return::{
    Answer as Said, Ask, Receipt, answer, check, enter, export, order,
};
use crate::casework::{Context, Error};
use crate::domain::actor::{Actor, Role};
use crate::domain::case::Move;
use crate::domain::event::Event;
use crate::domain::national_return::{File, Forms, MilestoneKind};
use crate::domain::permission::Verb;
use crate::store::cases::Case;
use crate::store::notifications::Notification;
use crate::store::requests::Request;
use crate::store::{Db, Target, Tx, cases, events, notifications, records, returns};

struct World {
    db: Db,
    ctx: Context,
    _folder: tempfile::TempDir,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cdr.db");
    let secrets = Secrets::from_file(&folder.path().join("key"), Some(&path)).unwrap();
    let target = Target::Sqlite {
        path,
        key_hex: secrets.database_key(),
    };
    let keys = Arc::new(secrets.keyring());
    let house = Arc::new(House::load(secrets, "http://localhost", None).unwrap());
    let actor = Actor::staff("u1", "Sample Coordinator", Role::Coordinator, None);
    World {
        db: Db::start(&target, &keys).unwrap(),
        ctx: Context::new(&house, at("2026-04-02T08:30:00Z"), actor, "test"),
        _folder: folder,
    }
}

impl World {
    fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>, &Context) -> T + Send + 'static,
    ) -> T {
        let ctx = self.ctx.clone();
        self.db
            .write(move |tx| {
                tx.unchanged();
                Ok::<T, Error>(f(tx, &ctx))
            })
            .unwrap()
    }

    fn order(&self, kind: Kind) -> Order {
        let ask = Ask {
            kind: Some(kind),
            from: "2025-04-01".parse().ok(),
            to: "2026-03-31".parse().ok(),
            ..Ask::default()
        };
        self.db
            .read(|conn| order(conn, &self.ctx, Verb::CheckReturn, &ask))
            .unwrap()
    }

    /// The cases as a pass for one file sees them.
    fn seen(&self, kind: Kind, file: File, forms: Forms) -> Vec<ReturnCase> {
        let order = self.order(kind);
        let verified = self
            .db
            .read(|conn| Ok::<_, Error>(Verified(returns::verified(conn)?)))
            .unwrap();
        let needs = Needs {
            file,
            forms,
            originals: false,
            requests: matches!(file, File::Event | File::Issue),
            milestones: file == File::Timeline,
        };
        self.db
            .snapshot(|conn| {
                let mut source = Stored::new(conn, &self.ctx.house, &order, &verified, &|| false);
                let mut all = Vec::new();
                source
                    .each(&needs, &mut |case| {
                        all.push(case.clone());
                        Ok(())
                    })
                    .unwrap();
                Ok::<_, Error>(all)
            })
            .unwrap()
    }

    fn package(&self, kind: Kind) -> (Vec<u8>, String) {
        let mut bytes = Vec::new();
        let written = export(&self.db, &self.ctx, self.order(kind), &mut bytes, &|| false).unwrap();
        let id = self.write(move |tx, ctx| enter(tx, ctx, &written).unwrap());
        (bytes, id)
    }

    fn lines(&self, id: &str) -> Vec<(String, i32, String)> {
        let lines = self
            .db
            .read(|conn| Ok::<_, Error>(returns::lines(conn, id, "", 100)?))
            .unwrap();
        lines
            .into_iter()
            .map(|l| (l.case_id, l.version, l.submission))
            .collect()
    }

    fn case(&self, id: &str) -> Case {
        self.db
            .read(|conn| Ok::<_, Error>(cases::get(conn, id)?))
            .unwrap()
            .unwrap()
    }
}

/// A case of state `state`, notified on 1 May 2025, with what `change` alters.
fn put(tx: &mut Tx<'_>, number: u32, state: State, change: impl FnOnce(&mut Case)) -> String {
    let id = format!("0198c2a0-0000-7000-8000-{number:012}");
    let opened = at("2025-05-02T09:00:00Z").naive_utc();
    let notification = Notification {
        id: format!("n-{id}"),
        state: "accepted".into(),
        form_version: "2022-04-r1".into(),
        answers: "{}".into(),
        confirmed: "[]".into(),
        source: if number == 2 {
            "api".into()
        } else {
            "portal".into()
        },
        reference: format!("NKM-{number}"),
        code_hash: format!("hash-{number}"),
        complete: true,
        created_at: opened,
        updated_at: opened,
        sent_at: Some(at("2025-05-01T22:30:00Z").naive_utc()),
        case_id: Some(id.clone()),
        decided_at: None,
        decided_by: None,
        decision: None,
        decision_reason: None,
        transferred_to: None,
        nhs_number: None,
        surname_folded: String::new(),
        forenames_folded: String::new(),
        date_of_birth: None,
        date_of_death: None,
        version: 1,
    };
    notifications::insert(tx, &notification).unwrap();
    let mut case = Case {
        id: id.clone(),
        reference: format!("KM-2025-{number:04}"),
        state: state.as_str().into(),
        notification_id: notification.id,
        opened_at: opened,
        display_name: "Sample Testcase".into(),
        nhs_number: None,
        surname_folded: "testcase".into(),
        forenames_folded: "sample".into(),
        date_of_birth: None,
        date_of_death: "2025-04-30".parse().unwrap(),
        age_band: "unknown".into(),
        residence: "E10000016".into(),
        district: None,
        expected: None,
        open: state.is_open(),
        next_due_at: crate::casework::triage::never(),
        next_due_what: None,
        requests_out: 0,
        requests_back: 0,
        finalised_at: None,
        return_version: 1,
        national_notified_at: None,
        national_accepted_at: None,
        transferred_to: None,
        updated_at: opened,
        version: 1,
    };
    change(&mut case);
    cases::insert(tx, &case).unwrap();
    id
}

fn answers(tx: &mut Tx<'_>, case: &str, form: &str, answers: &Value) {
    let row = records::Record {
        id: format!("{case}-{form}"),
        case_id: case.into(),
        form: form.into(),
        form_version: "2022-04-r1".into(),
        answers: answers.to_string(),
        sources: "{}".into(),
        confirmed: "[]".into(),
        updated_at: at("2025-09-01T10:00:00Z").naive_utc(),
        version: 1,
    };
    records::insert(tx, &row).unwrap();
}

fn finalised(case: &mut Case) {
    case.finalised_at = Some(at("2025-10-01T09:00:00Z").naive_utc());
    case.return_version = 2;
}

fn moved(tx: &mut Tx<'_>, case: &str, mv: Move, to: State, reason: &str) {
    let event = Event::CaseMoved {
        mv,
        from: State::Gathering,
        to,
        on: "2025-06-03".parse().ok(),
        reason: reason.into(),
    };
    let row = events::NewEvent {
        at: at("2025-06-04T10:00:00Z").naive_utc(),
        actor_kind: "staff".into(),
        actor_id: None,
        actor_name: None,
        actor_role: None,
        what: event.name().into(),
        case_id: Some(case.into()),
        subject_id: None,
        detail: serde_json::to_string(&event).unwrap(),
        correlation: "test".into(),
        source: String::new(),
    };
    events::record(tx, &row).unwrap();
}

fn all_of(world: &World, kind: Kind) -> Vec<ReturnCase> {
    world.seen(kind, File::Case, Forms::All)
}

#[test]
fn each_state_is_what_the_return_calls_it() {
    let world = world();
    world.write(|tx, _| {
        put(tx, 1, State::Gathering, |_| {});
        put(tx, 2, State::SignedOff, finalised);
        put(tx, 3, State::Closed, finalised);
        put(tx, 4, State::Listed, |case| case.return_version = 2);
        let gone = put(tx, 5, State::OutOfScope, |_| {});
        moved(
            tx,
            &gone,
            Move::FindOutOfScope,
            State::OutOfScope,
            "Over 18",
        );
        let joined = put(tx, 6, State::Joined, |_| {});
        moved(
            tx,
            &joined,
            Move::Join,
            State::Joined,
            "The same child as km-2025-0001.",
        );
        let away = put(tx, 7, State::TransferredOut, |case| {
            case.transferred_to = Some("Example Panel".into());
        });
        moved(
            tx,
            &away,
            Move::TransferOut,
            State::TransferredOut,
            "Lived there",
        );
    });
    let seen = all_of(&world, Kind::YearEnd);
    let states: Vec<(Status, u32)> = seen
        .iter()
        .map(|case| (case.status, case.version))
        .collect();
    assert_eq!(
        states,
        [
            (Status::Open, 1),
            (Status::Finalised, 2),
            (Status::Finalised, 2),
            (Status::Reopened, 2),
            (Status::OutOfScope, 2),
            (Status::Duplicate, 2),
            (Status::Transferred, 1),
        ]
    );
    assert_eq!(seen[4].withdrawn_at, Some(at("2025-06-04T10:00:00Z")));
    assert_eq!(seen[5].duplicate_of.as_deref(), Some("KM-2025-0001"));
    let transfer = seen[6].transfer.as_ref().unwrap();
    assert_eq!(
        (transfer.to_cdop.as_str(), transfer.on.to_string().as_str()),
        ("Example Panel", "2025-06-03")
    );
    let withdrawn = all_of(&world, Kind::Withdrawal);
    assert_eq!(withdrawn.len(), 2);
    assert_eq!(all_of(&world, Kind::Final).len(), 2);
}

#[test]
fn a_case_brings_what_is_known_of_it_and_nothing_that_may_not_go_out() {
    let world = world();
    world.write(|tx, _| {
        let id = put(tx, 1, State::Gathering, |_| {});
        let given = json!({"sex": "female", "nhs_number": "9990000018", "notification_route": "portal",
            "jar_meeting_date": "2025-05-03", "date_of_death": "2025-04-30"});
        answers(tx, &id, "notification", &given);
        put(tx, 2, State::Gathering, |case| {
            case.residence = "other".into();
            // Half past midnight in London.
            case.national_notified_at = Some(at("2025-05-02T23:30:00Z").naive_utc());
        });
    });
    let seen = all_of(&world, Kind::YearEnd);
    let [one, two] = seen.as_slice() else {
        panic!("two cases")
    };
    assert_eq!(one.notified_at, at("2025-05-01T22:30:00Z"));
    assert_eq!(
        (one.route.as_deref(), two.route.as_deref()),
        (Some("portal"), Some("other"))
    );
    assert_eq!(
        (one.resident_in_area, two.resident_in_area),
        (Some(true), Some(false))
    );
    assert_eq!(
        (one.icb_code.as_deref(), two.icb_code.as_deref()),
        (Some("QKS"), None)
    );
    let record = &one.agreed[0].answers;
    assert_eq!(record.choice("sex"), Some("female"));
    // Not national, so it never leaves the store.
    assert!(!record.is_answered("notification_route"));
    let timeline = world.seen(Kind::YearEnd, File::Timeline, Forms::All);
    let days = timeline[1]
        .milestones
        .iter()
        .map(|m| (m.kind, m.date.to_string()));
    let told = (MilestoneKind::NcmdNotified, "2025-05-03".to_owned());
    assert_eq!(days.collect::<Vec<_>>(), [told]);
}

#[test]
fn an_nhs_number_held_twice_is_told_of_both() {
    let world = world();
    world.write(|tx, _| {
        for number in [1, 2] {
            put(tx, number, State::Gathering, |case| {
                case.nhs_number = Some("9990000018".into());
            });
        }
        put(tx, 3, State::Joined, |case| {
            case.nhs_number = Some("9990000018".into());
        });
        put(tx, 4, State::Gathering, |case| {
            case.nhs_number = Some("9990000026".into());
        });
    });
    let seen = world.seen(Kind::YearEnd, File::Issue, Forms::All);
    let others: Vec<Option<&str>> = seen
        .iter()
        .map(|c| c.same_nhs_number_as.as_deref())
        .collect();
    let (one, two) = (Some("KM-2025-0001"), Some("KM-2025-0002"));
    assert_eq!(others, [two, one, one, None]);
}

#[test]
fn forms_asked_for_are_requested_returned_or_waived() {
    let request = |state: &str| Request {
        id: "r1".into(),
        case_id: "c1".into(),
        agency: "gp".into(),
        professional_type: None,
        recipient: "Sample Doctor".into(),
        organisation: None,
        email: "doctor@example.org".into(),
        state: state.into(),
        part_of: None,
        knew_child: false,
        link_hash: None,
        link_expires_at: None,
        agreed_date: "2025-06-01".parse().unwrap(),
        created_at: at("2025-05-02T23:30:00Z").naive_utc(),
        sent_at: None,
        opened_at: None,
        answered_at: Some(at("2025-05-20T10:00:00Z").naive_utc()),
        closed_at: None,
        reason: Some("No contact".into()),
        nil_return: false,
        version: 1,
        contact_id: None,
    };
    for (state, answer, status, returned, reason) in [
        ("sent", "draft", RequestStatus::Requested, None, None),
        (
            "sent_back",
            "sent_back",
            RequestStatus::Requested,
            None,
            None,
        ),
        (
            "answered",
            "sent",
            RequestStatus::Returned,
            Some("2025-05-20"),
            None,
        ),
        (
            "accepted",
            "accepted",
            RequestStatus::Returned,
            Some("2025-05-20"),
            None,
        ),
        (
            "waived",
            "draft",
            RequestStatus::Waived,
            None,
            Some("No contact"),
        ),
    ] {
        let found = form_request(&request(state), "reporting", answer);
        assert_eq!(found.status, status, "{state}");
        assert_eq!(
            found.returned_on,
            returned.map(|day| day.parse().unwrap()),
            "{state}"
        );
        assert_eq!(found.waive_reason.as_deref(), reason, "{state}");
        // Half past midnight in London.
        assert_eq!(found.requested_on.unwrap().to_string(), "2025-05-03");
    }
    assert_eq!(
        all_in(&[request("accepted"), request("withdrawn")])
            .unwrap()
            .to_string(),
        "2025-05-20"
    );
    assert_eq!(all_in(&[request("accepted"), request("sent")]), None);
    assert_eq!(all_in(&[request("withdrawn")]), None);
}

#[test]
fn the_ledger_says_what_each_case_went_out_as_and_an_answer_moves_the_finalised_ones() {
    let world = world();
    let ids = world.write(|tx, _| {
        [
            put(tx, 1, State::Gathering, |_| {}),
            put(tx, 2, State::SignedOff, finalised),
        ]
    });
    let (first, id) = world.package(Kind::YearEnd);
    let (again, _) = world.package(Kind::YearEnd);
    assert_eq!(first, again, "the same state gives the same bytes");
    let sent = |case: usize, version, what: &str| (ids[case].clone(), version, what.to_owned());
    assert_eq!(
        world.lines(&id),
        [sent(0, 1, "notification"), sent(1, 2, "final")]
    );

    let said = Said {
        accepted: Some(true),
        on: "2026-04-02".parse().ok(),
        words: "Thank you".into(),
    };
    let (ledger, once) = (id.clone(), said.clone());
    let receipt = world.write(move |tx, ctx| answer(tx, ctx, &ledger, &once).unwrap());
    assert_eq!(
        receipt,
        Receipt {
            submitted: 1,
            changed_since: 0
        }
    );
    let (open, done) = (world.case(&ids[0]), world.case(&ids[1]));
    assert!(open.national_notified_at.is_some() && open.national_accepted_at.is_none());
    assert_eq!(done.state, State::SubmittedNcmd.as_str());
    assert!(done.national_accepted_at.is_some());
    let twice = world.write(move |tx, ctx| answer(tx, ctx, &id, &said).is_err());
    assert!(twice);

    world.write(|tx, _| {
        let mut case = cases::get(tx.conn(), "0198c2a0-0000-7000-8000-000000000002")
            .unwrap()
            .unwrap();
        case.return_version = 3;
        assert!(cases::save(tx, &case, &case.state).unwrap());
    });
    let (_, later) = world.package(Kind::Final);
    assert_eq!(world.lines(&later), [sent(1, 3, "correction")]);
}

#[test]
fn a_copy_for_use_here_stands_in_the_ledger_but_submits_no_case() {
    let world = world();
    world.write(|tx, _| put(tx, 1, State::SignedOff, finalised));
    let (_, id) = world.package(Kind::AnnualReport);
    assert!(world.lines(&id).is_empty());
    let entry = world
        .db
        .read(|conn| Ok::<_, Error>(returns::get(conn, &id)?))
        .unwrap()
        .unwrap();
    assert_eq!((entry.case_count, entry.identified), (1, false));
}

#[test]
fn a_taker_that_goes_away_leaves_nothing_behind() {
    struct Gone(usize);
    impl std::io::Write for Gone {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let world = world();
    world.write(|tx, _| put(tx, 1, State::SignedOff, finalised));
    // More often than there are connections.
    for broken in 0..20 {
        let (mut taker, told) = (Gone(500), broken % 2 == 0);
        let mut silent = Vec::new();
        let out: &mut dyn io::Write = if told { &mut silent } else { &mut taker };
        let order = world.order(Kind::YearEnd);
        let stopped = export(&world.db, &world.ctx, order, out, &|| told).unwrap_err();
        assert!(matches!(
            stopped,
            crate::casework::submit_return::Stopped::Gone
        ));
    }
    let (bytes, _) = world.package(Kind::YearEnd);
    assert!(bytes.len() > 500);
    let ledger = world
        .db
        .read(|conn| Ok::<_, Error>(returns::latest(conn, 10)?))
        .unwrap();
    assert_eq!(ledger.len(), 1);
}

#[test]
fn a_check_counts_what_it_does_not_list() {
    let world = world();
    world.write(|tx, _| {
        put(tx, 1, State::SignedOff, finalised);
        put(tx, 2, State::Gathering, |_| {});
    });
    let order = world.order(Kind::YearEnd);
    let found = world
        .db
        .snapshot(|conn| check(conn, &world.ctx, &order, 1))
        .unwrap();
    assert_eq!((found.cases, found.refused, found.issues.len()), (2, 2, 1));
    assert!(found.stops > 1);
}
