//! Waits after wrong passwords and codes are the same whichever server is asked, and end.

use cdr::casework::delays::{self, Try};
use cdr::domain::actor::Actor;
use cdr::store::Db;
use chrono::Duration;

use super::support::{Service, database};
use crate::both_engines;

/// Tries in a row that cost nothing, and the longest wait.
const FREE: usize = 5;
const LONGEST: Duration = Duration::minutes(15);
/// The longest wait for what others did.
const BY_OTHERS: Duration = Duration::seconds(30);

fn attempt(account: &str, source: &str, known: bool) -> Try {
    Try {
        account: account.into(),
        source: source.into(),
        known,
    }
}

fn begin(db: &Db, service: &Service, attempt: &Try) -> Option<Duration> {
    let (ctx, attempt) = (service.context(Actor::public()), attempt.clone());
    db.write(move |tx| delays::begin(tx, &ctx, &attempt))
        .unwrap()
}

/// What is left of this wait; the service's clock goes on meanwhile.
fn waits(left: Option<Duration>, whole: Duration) -> bool {
    left.is_some_and(|left| left <= whole && left > whole - whole / 2)
}

/// As many wrong tries as are let through, each when it may be made.
fn wrong(service: &Service, attempt: &Try, times: usize) {
    for _ in 0..times {
        while let Some(left) = begin(&service.app.db, service, attempt) {
            service.pass(left);
        }
    }
}

fn undo(service: &Service, attempt: &Try) {
    let attempt = attempt.clone();
    service
        .write(Actor::public(), move |tx, ctx| {
            delays::undo(tx, ctx, &attempt)
        })
        .unwrap();
}

both_engines! {
    async fn wrong_tries_count_at_every_server_and_after_a_start(service) {
        let target = service.app.db.target().clone();
        let stranger = attempt("a", "s", false);
        for _ in 0..FREE {
            assert_eq!(begin(&service.app.db, service, &stranger), None);
        }
        let other = Db::start(&target, &database::keys()).unwrap();
        assert!(waits(begin(&other, service, &stranger), Duration::seconds(1)));
        service.pass(Duration::seconds(1));
        assert_eq!(begin(&other, service, &stranger), None);
        let left = begin(&service.app.db, service, &stranger);
        assert!(waits(left, Duration::seconds(2)), "the other’s counts here: {left:?}");
        // Right tries cost nothing.
        let right = attempt("right", "r", false);
        for _ in 0..3 * FREE {
            assert_eq!(begin(&other, service, &right), None);
            undo(service, &right);
        }
    }

    async fn a_stranger_makes_strangers_wait_and_not_the_person(service) {
        wrong(service, &attempt("a", "stranger", false), 16);
        let left = |account: &str, source: &str, known| begin(&service.app.db, service, &attempt(account, source, known));
        assert!(waits(left("a", "other", false), BY_OTHERS), "what others did holds up for a short time");
        assert!(waits(left("b", "stranger", false), LONGEST));
        assert_eq!(left("a", "home", true), None, "in a browser in which the person signed in before");
        assert_eq!(left("a", "stranger", true), None, "even from where the stranger tries");
        assert_eq!(left("b", "other", false), None);
        service.pass(LONGEST);
        assert_eq!(left("a", "third", false), None, "nobody is locked out for good");
    }

    async fn a_right_try_leaves_the_wait_of_others_as_it_was(service) {
        wrong(service, &attempt("a", "office", false), 16);
        service.pass(LONGEST);
        // The password, and then the code, of somebody whose browser is new.
        for step in ["password", "code"] {
            let person = attempt(step, "office", false);
            assert_eq!(begin(&service.app.db, service, &person), None, "{step}");
            undo(service, &person);
        }
    }

    async fn a_new_place_has_its_turn_however_many_strangers_keep_trying(service) {
        let db = &service.app.db;
        let mut strangers = 0;
        // From ever new places, each as soon as the account may be tried at all.
        let mut keep_trying = || {
            strangers += 1;
            begin(db, service, &attempt("a", &format!("s{strangers}"), false))
        };
        for _ in 0..12 {
            if let Some(left) = keep_trying() {
                service.pass(left);
            }
        }
        while keep_trying().is_some() {
            service.pass(Duration::seconds(1));
        }
        let person = attempt("a", "new network", false);
        let left = begin(db, service, &person).unwrap();
        assert!(left <= BY_OTHERS, "{left}");
        service.pass(left);
        while keep_trying().is_some() {
            service.pass(Duration::seconds(1));
        }
        let ctx = service.context(Actor::public());
        let asked = |who: &Try| service.read(|conn| delays::waits(conn, &ctx, who));
        assert!(asked(&person).is_some(), "a stranger was quicker");
        service.pass(BY_OTHERS);
        while keep_trying().is_some() {
            service.pass(Duration::seconds(1));
        }
        assert_eq!(begin(db, service, &person), None, "it has its turn");
        // Its own mistakes count as ever.
        wrong(service, &person, 16);
        assert!(waits(begin(db, service, &person), LONGEST));
    }

    async fn a_new_browser_in_an_office_where_somebody_guesses_on_has_its_turn(service) {
        let db = &service.app.db;
        wrong(service, &attempt("guessed", "office", false), 16);
        let person = attempt("a", "office", false);
        assert!(waits(begin(db, service, &person), LONGEST));
        service.pass(LONGEST);
        // Somebody else there is quicker, and holds everybody up anew.
        assert_eq!(begin(db, service, &attempt("next guess", "office", false)), None);
        assert!(waits(begin(db, service, &attempt("b", "office", false)), LONGEST));
        assert_eq!(begin(db, service, &person), None, "whoever waited has their turn");
    }

    async fn a_refused_try_is_told_without_writing(service) {
        let stranger = attempt("a", "s", false);
        for _ in 0..FREE {
            assert_eq!(begin(&service.app.db, service, &stranger), None);
        }
        let ctx = service.context(Actor::public());
        let left = service.read(|conn| delays::waits(conn, &ctx, &stranger));
        assert!(waits(left, Duration::seconds(1)), "{left:?}");
        let free = service.read(|conn| delays::waits(conn, &ctx, &attempt("b", "t", false)));
        assert_eq!(free, None);
    }

    async fn a_known_browser_waits_for_its_own_mistakes_and_quiet_forgets(service) {
        let known = attempt("a", "home", true);
        wrong(service, &known, FREE + 3);
        assert!(begin(&service.app.db, service, &known).is_some());
        let of = known.clone();
        service.write(Actor::public(), move |tx, ctx| delays::right(tx, ctx, &of)).unwrap();
        assert_eq!(begin(&service.app.db, service, &known), None);
        let other = attempt("c", "x", false);
        wrong(service, &other, FREE + 6);
        service.pass(Duration::minutes(61));
        for _ in 0..FREE {
            assert_eq!(begin(&service.app.db, service, &other), None);
        }
        let rows = service.read(|conn| Ok(cdr::store::tries::all(conn)?));
        assert_eq!(rows, 3, "what is old is not kept");
    }

    async fn many_at_one_moment_gain_nothing(service) {
        let tries: Vec<_> = (0..20).map(|_| {
            let (db, ctx) = (service.app.db.clone(), service.context(Actor::public()));
            std::thread::spawn(move || {
                let stranger = attempt("a", "s", false);
                db.write(move |tx| delays::begin(tx, &ctx, &stranger)).unwrap().is_none()
            })
        }).collect();
        let through = tries.into_iter().map(|t| t.join().unwrap()).filter(|through| *through).count();
        assert_eq!(through, FREE);
    }
}
