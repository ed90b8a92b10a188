//! The return to the national database, as a coordinator makes it: every kind of package, its ledger, what would
//! be refused, and what the receiver said.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::process::Command;

use cdr::casework::Error;
use cdr::casework::secrets::hex;
use cdr::casework::submit_return::{self, Ask, Stopped};
use cdr::casework::tokens;
use cdr::domain::actor::{Actor, ApiScope, Role};
use cdr::domain::national_return::Kind;
use cdr::domain::permission::Verb;
use cdr::seed;
use cdr::store::cases::Case;
use cdr::store::events;
use cdr::store::returns::{self, Entry};
use cdr::store::{Db, Engine, Target};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use reqwest::Method;
use sha2::{Digest, Sha256};

use super::panels::{ALL_THERE, list, members, nobody_else, sitting, there};
use super::restricted::restricted;
use super::support::database::keys;
use super::support::journey::{a_finalised_case, a_gathered_case, analyse, fill_section, finalise};
use super::support::{Browser, Page, Sample, Service, given, logs};
use crate::both_engines;

/// A row of a file, by column.
type Row = BTreeMap<String, String>;

/// A package as a browser got it.
struct Package {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Package {
    fn read(name: &str, bytes: Vec<u8>) -> Self {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut files = BTreeMap::new();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            files.insert(file.name().unwrap().into_owned(), bytes);
        }
        Self {
            name: name.to_owned(),
            files,
        }
    }

    fn rows(&self, file: &str) -> Vec<Row> {
        let bytes = self
            .files
            .get(file)
            .unwrap_or_else(|| panic!("no {file} in {:?}", self.files.keys()));
        csv::Reader::from_reader(bytes.as_slice())
            .deserialize()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// The rows of one case.
    fn of(&self, file: &str, case: &str) -> Vec<Row> {
        let mut rows = self.rows(file);
        rows.retain(|row| row["case_id"] == case);
        rows
    }

    /// The manifest names every file of the package, with its rows and its sum.
    fn must_be_whole(&self) {
        let manifest = self.rows("manifest.csv");
        let mut named: Vec<&str> = manifest.iter().map(|row| row[NAME].as_str()).collect();
        named.extend(["manifest.csv", "datapackage.json"]);
        named.sort_unstable();
        let held: Vec<&String> = self.files.keys().collect();
        assert_eq!(named, held);
        for row in &manifest {
            let bytes = &self.files[&row[NAME]];
            let sum = hex(&Sha256::digest(bytes));
            assert_eq!(row["sha256"], sum, "{}", row[NAME]);
            let rows = self.rows(&row[NAME]).len();
            assert_eq!(row["rows"], rows.to_string(), "{}", row[NAME]);
        }
    }

    /// Every file, without the moment at which it was made.
    fn without_stamp(&self) -> BTreeMap<String, String> {
        let stem = self.name.trim_end_matches(".zip").to_lowercase();
        let stamp = stem.rsplit('_').next().unwrap().to_owned();
        assert_eq!(stamp.len(), "20260401t090000z".len(), "{}", self.name);
        let mut files = BTreeMap::new();
        for (name, bytes) in &self.files {
            let mut text = String::from_utf8(bytes.clone()).unwrap();
            if name == "datapackage.json" {
                assert!(text.contains(&stem));
                text = text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("\"created\""))
                    .collect::<Vec<_>>()
                    .join("\n")
                    .replace(&stamp, "");
            }
            files.insert(name.clone(), text);
        }
        files
    }
}

const NAME: &str = "name";

/// A coordinator fills in the form of the returns page and downloads what it gives.
async fn download(browser: &Browser, kind: &str) -> Package {
    copied(browser, kind, "").await
}

/// The same, as a copy for use here when one is named.
async fn copied(browser: &Browser, kind: &str, copy: &str) -> Package {
    let mut form = browser.get("/returns").await.is(200).form_to("/returns");
    if !copy.is_empty() {
        form.set(copy, "yes");
    }
    form.set("kind", kind)
        .date("from", "1 4 2025")
        .date("to", "30 4 2026")
        .press("Make and download");
    let request = browser
        .request(Method::POST, "/returns")
        .form(&form.pairs());
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{kind}");
    let kept = answer.headers()["content-disposition"].to_str().unwrap();
    let name = kept.split('"').nth(1).unwrap().to_owned();
    let package = Package::read(&name, answer.bytes().await.unwrap().to_vec());
    package.must_be_whole();
    package
}

/// A statement past the service.
fn sql(service: &Service, statement: &str) {
    let done = match &mut service.database.conn() {
        Engine::Sqlite(c) => c.batch_execute(statement),
        Engine::Postgres(c) => c.batch_execute(statement),
    };
    done.unwrap();
}

/// What stands plain of the answers to packages.
fn plain_answers(service: &Service) -> Vec<Option<String>> {
    use cdr::store::schema::return_ledger;
    return_ledger::table
        .select(return_ledger::receiver_answer)
        .load(&mut service.database.conn())
        .unwrap()
}

/// How often a case went into a package, the newest first: as the trail of the case tells it.
fn exported(service: &Service, case: &Case) -> Vec<String> {
    let rows = service.read(|conn| Ok(events::latest(conn, "case_exported", 500)?));
    let of_case = rows
        .into_iter()
        .filter(|row| row.case_id.as_deref() == Some(case.id.as_str()));
    of_case.map(|row| row.detail).collect()
}

/// Takes nothing, like a browser that went away at once.
struct Shut;

impl Write for Shut {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The newest package in the ledger.
fn newest(service: &Service) -> Entry {
    service.read(|conn| Ok(returns::latest(conn, 1)?)).remove(0)
}

/// The coordinator records what was said of the newest package; gives the page that follows.
async fn record(service: &Service, coordinator: &Browser, outcome: &str, words: &str) -> Page {
    let id = newest(service).id;
    let page = coordinator.get(&format!("/returns?answer={id}")).await;
    let mut form = page.is(200).form_with("Record the answer");
    if !outcome.is_empty() {
        form.set("outcome", outcome);
    }
    form.set("words", words);
    coordinator.submit(&form).await
}

/// The coordinator moves a case by hand.
async fn move_case(coordinator: &Browser, case: &str, mv: &str) {
    let page = coordinator.get(&format!("/cases/{case}")).await.is(200);
    let mut form = page.form_with("Move the case");
    form.set("move", mv).set("reason", "A synthetic reason.");
    coordinator.submit(&form).await.is(303);
}

/// `cdr return check` beside the running service: its exit code and what it prints.
fn checked_by_command(service: &Service) -> (Option<i32>, String) {
    let folder = service.database.folder();
    let url = match &service.database.target {
        Target::Sqlite { path, .. } => format!("sqlite://{}", path.display()),
        Target::Postgres { url } => url.clone(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_cdr"));
    command
        .args(["return", "check", "--from", "2025-04-01"])
        .args(["--to", "2026-04-30"])
        .env("CDR_DATABASE_URL", url)
        .env("CDR_KEY_FILE", folder.join("test.key"))
        .env("CDR_DATA_DIR", folder)
        .current_dir(folder);
    let done = command.output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    (
        done.status.code(),
        said + &String::from_utf8_lossy(&done.stderr),
    )
}

fn seeded(service: &Service, cases: usize) {
    let order = seed::Order {
        cases,
        seed: 7,
        today: service.now().date_naive(),
    };
    seed::run(&service.app.db, &service.app.house, &order).unwrap();
}

/// In the room the chair puts one factor on the intrinsic domain, the panel decides, the chair signs and the coordinator
/// finalises.
async fn decided_as(
    chair: &Browser,
    coordinator: &Browser,
    room: &str,
    case: &str,
    judged: &Sample,
) {
    for section in ["domain_a", "domain_b", "modifiability"] {
        fill_section(chair, &format!("{room}/{section}"), judged).await;
    }
    let mut decide = chair
        .get(room)
        .await
        .is(200)
        .form_with("Record the decision");
    chair
        .submit(decide.set("decision", "complete"))
        .await
        .is(303);
    let sign = chair.get(room).await.is(200).form_with("Sign the analysis");
    chair.submit(&sign).await.is(303);
    finalise(coordinator, case).await;
}

/// The factors of a case in a package: domain, code, influence and modifiable.
fn factors(package: &Package, case: &str) -> Vec<[String; 4]> {
    let of = |row: &Row| {
        ["domain", "factor_code", "influence", "modifiable"].map(|name| row[name].clone())
    };
    package.of("factor.csv", case).iter().map(of).collect()
}

both_engines! {
    async fn what_a_panel_decided_and_signed_goes_out_as_rows_of_factors(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let mut cases = Vec::new();
        for n in [1, 2] {
            let case = a_gathered_case(service, &coordinator, n).await;
            analyse(&coordinator, &case, &Sample::analysis()).await;
            cases.push(given::find(service, &case));
        }
        let (first, second) = (cases[0].reference.as_str(), cases[1].reference.as_str());
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &cases[0], &who).await;
        let (item, _) = list(service, &panel, &cases[1]);
        nobody_else(service, &panel, &item.id);
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let chair = service.signed_in_as("chair@cdr.example");
        let judged = |code: &str, influence: &str, modifiable: &str| {
            Sample::empty().with("factors_a-0-factor_code", code).with("factors_a-0-influence", influence)
                .with("factors_a-0-modifiable", modifiable)
        };
        let one = judged("A02", "2", "yes").with("modifiable", "modifiable")
            .with("modifiable_factors_listed-0-factor_ref", "A02").with("modifiable_factors_listed-0-how_modifiable", "A synthetic way.");
        decided_as(&chair, &coordinator, &room, first, &one).await;
        let other = judged("A03", "1", "unclear").with("no_factors_b", "no").with("factors_b-0-factor_code", "B02")
            .with("factors_b-0-description", "A synthetic factor.").with("factors_b-0-influence", "2").with("factors_b-0-modifiable", "no");
        decided_as(&chair, &coordinator, &format!("{panel}/room/{}", item.id), second, &other).await;

        let row = |all: [&str; 4]| all.map(str::to_owned);
        let package = download(&coordinator, "final").await;
        assert_eq!(factors(&package, first), [row(["a", "A02", "2", "yes"])]);
        assert_eq!(factors(&package, second), [row(["a", "A03", "1", "unclear"]), row(["b", "B02", "2", "no"])]);
        let version = |package: &Package| package.of("case.csv", first)[0]["version"].parse::<i32>().unwrap();
        let sent = version(&package);
        record(service, &coordinator, "accepted", "").await.is(303);

        // One is reopened: the return says so, and both versions stay to be read.
        let mut form = coordinator.get(&format!("/cases/{first}")).await.is(200).form_with("Reopen the case");
        coordinator.submit(form.set("reason", "A genetic result came; synthetic.")).await.is(303);
        assert_eq!(download(&coordinator, "year_end").await.of("case.csv", first)[0]["case_status"], "reopened");
        let (panel, room) = sitting(service, &coordinator, &given::find(service, first), &who).await;
        there(&coordinator, service, &panel, &ALL_THERE).await;
        let anew = judged("A04", "2", "no").with("modifiable", "none");
        decided_as(&chair, &coordinator, &room, first, &anew).await;
        let package = download(&coordinator, "final").await;
        assert_eq!(factors(&package, first), [row(["a", "A04", "2", "no"])]);
        assert_eq!(package.of("case.csv", first)[0]["submission_type"], "correction");
        assert!(version(&package) > sent, "it follows what was sent before");
        let base = format!("/cases/{first}/analysis");
        coordinator.get(&base).await.is(200).says("Version 1").says("Version 2");
        coordinator.get(&format!("{base}/signed/1")).await.is(200).says("Chronic illness").says("Changed");
        coordinator.get(&format!("{base}/signed/2")).await.is(200).says("Nothing has changed since.");
    }

    async fn every_kind_goes_out_of_a_whole_caseload(service) {
        seeded(service, 30);
        let (coordinator, case) = a_finalised_case(service).await;
        for kind in Kind::ALL {
            let package = download(&coordinator, kind.code()).await;
            let mut wanted: Vec<&str> = kind.files().iter().map(|file| file.name()).collect();
            wanted.push("datapackage.json");
            wanted.sort_unstable();
            assert_eq!(wanted, package.files.keys().collect::<Vec<_>>(), "{}", kind.code());
            let entry = newest(service);
            assert_eq!((entry.kind.as_str(), entry.file_name.as_str()), (kind.code(), package.name.as_str()));
            assert_eq!(entry.identified, kind != Kind::AnnualReport);
            match kind {
                Kind::Notification => assert_eq!(package.of("case.csv", &case)[0]["submission_type"], "notification"),
                Kind::Withdrawal => assert!(package.of("case.csv", &case).is_empty()),
                Kind::YearEnd | Kind::Final => {
                    let row = package.of("case.csv", &case).remove(0);
                    assert_eq!((row["submission_type"].as_str(), row["surname"].as_str()), ("final", "Testfamily1"));
                    let factors = package.of("factor.csv", &case);
                    assert_eq!(factors.len(), 1, "one row for each factor: {factors:?}");
                    assert_eq!((factors[0]["factor_code"].as_str(), factors[0]["influence"].as_str()), ("A01", "2"));
                    let all = package.rows("case.csv").len();
                    assert_eq!(all > 20, kind == Kind::YearEnd, "{all} cases: a year end holds the open ones too");
                }
                Kind::AnnualReport => {
                    let text = package.without_stamp().into_values().collect::<String>();
                    assert!(!text.contains("Testfamily1") && !text.contains(&case), "nobody is named");
                    assert!(!package.rows("lscb1_aggregate.csv").is_empty());
                }
            }
        }
        coordinator.get("/returns").await.is(200).says("Year end").says("Without identity").says(&newest(service).sha256);
    }

    async fn that_a_package_leaves_is_recorded_before_its_first_byte(service) {
        given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let noted = |what: &str| service.read(|conn| Ok(events::latest(conn, what, 9)?));
        let asked = |kind| {
            [("kind", kind), ("from-day", "1"), ("from-month", "4"), ("from-year", "2025"),
                ("to-day", "30"), ("to-month", "4"), ("to-year", "2026")]
        };
        for role in [Role::DesignatedDoctor, Role::Executive, Role::Administrator] {
            service.signed_in(role).await.post("/returns", &asked("year_end")).await.is(403);
        }
        coordinator.post("/returns", &[("kind", "year_end")]).await.is(422);
        assert!(noted("return_begun").is_empty(), "nothing was to leave");
        // A browser that goes away before it took anything.
        let token = coordinator.token().await;
        let mut pairs = asked("year_end").to_vec();
        pairs.push(("csrf", &token));
        drop(coordinator.request(Method::POST, "/returns").form(&pairs).send().await);
        assert_eq!(noted("return_begun").len(), 1);
        let package = download(&coordinator, "year_end").await;
        let (begun, made) = (noted("return_begun"), noted("return_exported"));
        let detail: serde_json::Value = serde_json::from_str(&begun[0].detail).unwrap();
        assert_eq!((detail["kind"].as_str(), detail["identified"].as_bool()), (Some("year_end"), Some(true)));
        assert_eq!(detail["package"], package.name);
        assert!(begun[0].seq < made[0].seq && begun.len() >= made.len());
        download(&coordinator, "annual_report").await;
        assert!(noted("return_begun")[0].detail.contains("\"identified\":false"));
    }

    async fn what_stays_here_holds_no_case_kept_from_its_maker_and_the_duty_is_told(service) {
        let (case, named) = restricted(service);
        let other = given::case(service, 2);
        service.add_user("auditor@cdr.example", Role::Auditor);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let told = || service.mails().into_iter().filter(|mail| mail.subject == "A return holds a restricted case").collect::<Vec<_>>();
        for copy in ["originals", "spreadsheet"] {
            let theirs = copied(&coordinator, "year_end", copy).await;
            assert!(!theirs.of("case.csv", &other.reference).is_empty(), "{copy}");
            let text: String = theirs.without_stamp().into_values().collect();
            assert!(!text.contains("Testfamily1") && !text.contains(&case.reference), "{copy}");
            assert!(!copied(&named, "year_end", copy).await.of("case.csv", &case.reference).is_empty(), "{copy}");
        }
        for (browser, cases) in [(&coordinator, 1), (&named, 2)] {
            download(browser, "annual_report").await;
            assert_eq!(newest(service).case_count, cases);
        }
        // Whoever makes what the law asks for sends every death, and the auditors hear of it.
        assert_eq!((told().len(), exported(service, &case).len(), exported(service, &other).len()), (0, 3, 6));
        let package = download(&coordinator, "year_end").await;
        assert_eq!(package.of("case.csv", &case.reference)[0]["surname"], "Testfamily1");
        let mails = told();
        assert_eq!((mails.len(), mails[0].recipient.as_str()), (1, "auditor@cdr.example"));
        for secret in [case.reference.as_str(), "Testfamily1", "Sample Coordinator", &package.name] {
            assert!(!mails[0].body.contains(secret), "{secret}");
        }
        download(&named, "year_end").await;
        assert_eq!(told().len(), 1, "who is named makes nothing known to themselves");
        let kept = exported(service, &case);
        assert_eq!(kept.len(), 5);
        assert!(kept[1].contains(&package.name) && kept[1].contains("\"sent\":true") && kept[4].contains("\"sent\":false"), "{kept:?}");
        // Who saw the case, and what an auditor finds of it, tell of the packages.
        named.get(&format!("/cases/{}/seen", case.reference)).await.is(200).says("for the national database").says("for use here");
        let auditor = service.signed_in_as("auditor@cdr.example");
        let page = auditor.get(&format!("/admin/audit?case={}&kind=exports", case.reference)).await.is(200);
        page.says("The case was put in a return of kind year_end");
    }

    async fn a_package_that_was_broken_off_is_in_the_trail_of_each_case(service) {
        let case = given::case(service, 1);
        let ctx = service.context(Service::coordinator());
        let ask = Ask { kind: Some(Kind::YearEnd), from: "2025-04-01".parse().ok(), to: "2026-04-30".parse().ok(), ..Ask::default() };
        let order = service.read(|conn| submit_return::order(conn, &ctx, Verb::ExportReturn, &ask));
        let made = submit_return::export(&service.app.db, &ctx, order, &mut Shut, &|| false);
        assert!(matches!(made, Err(Stopped::Gone)));
        assert_eq!(exported(service, &case).len(), 1);
        assert!(service.read(|conn| Ok(returns::latest(conn, 1)?)).is_empty());
    }

    async fn a_check_neither_counts_nor_names_what_is_kept_from_its_reader(service) {
        let (case, named) = restricted(service);
        let mut twin = given::answers(3);
        twin["nhs_number"] = given::answers(1)["nhs_number"].clone();
        let twin = given::case_of(service, &twin).reference;
        let check = "/returns/check?kind=year_end&from-day=1&from-month=4&from-year=2025&to-day=30&to-month=4&to-year=2026";
        let same = format!("{} has the same NHS number", case.reference);
        named.get(check).await.is(200).says("2 cases go out. 2 of them would be refused").says(&same).says(&twin);
        for role in [Role::Coordinator, Role::DesignatedDoctor] {
            let page = service.signed_in(role).await.get(check).await.is(200).says("1 case goes out");
            page.never_says(&case.reference).never_says("has the same NHS number");
        }
        let (_, said) = checked_by_command(service);
        assert!(said.contains("2 cases go out; 2 of them would be refused."), "{said}");
    }

    async fn what_the_receiver_said_lies_sealed_and_no_system_reads_it(service) {
        given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        download(&coordinator, "notification").await;
        let word = "Zqxreceiversaid";
        logs::planted(word);
        record(service, &coordinator, "refused", &format!("The row of {word} has no number")).await.is(303);
        coordinator.get("/returns").await.is(200).says(word).says("Refused");
        assert_eq!(plain_answers(service), [Some("refused".to_owned())]);
        let token = service.write(Actor::operator(), |tx, ctx| tokens::issue(tx, ctx, "Sample system", &[ApiScope::ReturnsRead], 30)).unwrap();
        logs::never(&token);
        let browser = service.browser();
        let page = browser.send(browser.request(Method::GET, "/api/v1/returns").bearer_auth(&token)).await.is(200);
        assert!(page.text.contains("\"receiver_answer\":\"refused\"") && !page.text.contains(word), "{}", page.text);
        // As a version before kept it: sealed when the database is next opened.
        let other = "Zqxsaidbefore";
        sql(service, &format!("UPDATE return_ledger SET receiver_answer = 'refused: The row: of {other}', answer_words = NULL"));
        drop(Db::start(&service.database.target, &keys()).unwrap());
        assert_eq!(plain_answers(service), [Some("refused".to_owned())]);
        coordinator.get("/returns").await.is(200).says(&format!("The row: of {other}")).says("Refused");
    }

    async fn what_an_export_finds_damaged_is_in_the_trail(service) {
        let (coordinator, case) = a_finalised_case(service).await;
        let case = given::find(service, &case);
        sql(service, &format!("UPDATE records SET answers = sources WHERE case_id = '{}'", case.id));
        let token = coordinator.token().await;
        let pairs = [("kind", "final"), ("from-day", "1"), ("from-month", "4"), ("from-year", "2025"),
            ("to-day", "30"), ("to-month", "4"), ("to-year", "2026"), ("csrf", &token)];
        let answer = coordinator.request(Method::POST, "/returns").form(&pairs).send().await;
        // It fails as a page before the first piece, and breaks off after it.
        if let Ok(answer) = answer {
            let status = answer.status();
            assert!(answer.bytes().await.is_err() || status == 500, "{status}");
        }
        let noted = service.read(|conn| Ok(events::latest(conn, "record_found_damaged", 9)?));
        let by = noted.first().and_then(|row| row.actor_role.as_deref());
        assert_eq!((noted.len(), by), (1, Some("coordinator")), "{noted:?}");
        assert!(service.read(|conn| Ok(returns::latest(conn, 1)?)).is_empty());
    }

    async fn the_same_state_twice_is_the_same_but_for_the_stamp(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let first = download(&coordinator, "year_end").await;
        service.pass(chrono::Duration::minutes(3));
        let second = download(&coordinator, "year_end").await;
        assert_ne!(first.name, second.name);
        assert_eq!(first.without_stamp(), second.without_stamp());
        // Made at one moment, not a byte of the whole package differs.
        let ask = Ask {
            kind: Some(Kind::YearEnd),
            from: "2025-04-01".parse().ok(),
            to: "2026-04-30".parse().ok(),
            ..Ask::default()
        };
        let ctx = service.context(Service::coordinator());
        let make = || {
            let order = service.read(|conn| submit_return::order(conn, &ctx, Verb::ExportReturn, &ask));
            let mut bytes = Vec::new();
            submit_return::export(&service.app.db, &ctx, order, &mut bytes, &|| false).unwrap();
            bytes
        };
        let package = make();
        assert!(package == make(), "the same moment gives the same bytes");
        given::case(service, 2);
        assert!(package != make(), "another state gives another package");
        assert!(!first.of("case.csv", &case.reference).is_empty());
    }

    async fn the_check_lists_what_would_be_refused(service) {
        let mut answers = given::answers(1);
        answers.as_object_mut().unwrap().remove("nhs_number");
        answers["nhs_number_missing_reason"] = "not_available".into();
        let asked_about = given::case_of(service, &answers);
        let whole = given::case(service, 3);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let check = "/returns/check?kind=year_end&from-day=1&from-month=4&from-year=2025&to-day=30&to-month=4&to-year=2026";
        coordinator.get(check).await.is(200).says("2 cases go out. 0 of them would be refused").says("ID-6")
            .says(&asked_about.reference).says("Asked about").never_says(&whole.reference);
        // The same NHS number on two cases stops both.
        let twice = given::notification(service, &given::answers(3));
        let version = twice.version;
        let again = service.write(Service::coordinator(), move |tx, ctx| {
            use cdr::casework::triage::{self, Decision};
            let decision = Decision::Accept { outcome: triage::assess(ctx, &twice).proposed, reason: "Sample reason".into() };
            triage::decide(tx, ctx, &twice.id, version, &decision)
        }).unwrap().unwrap();
        let page = coordinator.get(check).await.is(200).says("3 cases go out. 2 of them would be refused").says("Refused");
        let page = page.says(&format!("{again} has the same NHS number")).says(&format!("{} has the same NHS number", whole.reference));
        for (_, href) in page.links() {
            if href.starts_with("/cases/") {
                coordinator.get(href.split('#').next().unwrap()).await.is(200);
            }
        }
        // What the page says, the package's own list says too.
        let issues = download(&coordinator, "year_end").await.rows("issue.csv");
        let stops: Vec<&str> = issues.iter().filter(|i| i["severity"] == "stop").map(|i| i["rule_id"].as_str()).collect();
        assert_eq!(stops, ["ID-8", "ID-8"]);
        let asked = coordinator.post("/returns/check", &[("kind", "year_end"), ("from-day", "1"), ("state", "final")]).await;
        asked.moved_to("/returns/check?kind=year_end&from-day=1");
        coordinator.get("/returns/check?kind=year_end&from-day=1").await.is(422);
        let (code, said) = checked_by_command(service);
        assert_eq!(code, Some(1), "{said}");
        for line in [&format!("refused: {again} ID-8"), &format!("asked about: {} ID-6", asked_about.reference), "3 cases go out; 2 of them would be refused."] {
            assert!(said.contains(line), "{line} is not in {said}");
        }
        service.signed_in(Role::DesignatedDoctor).await.get(check).await.is(200);
        service.signed_in(Role::AgencyLead).await.get(check).await.is(403);
    }

    async fn what_the_receiver_said_is_recorded_by_a_coordinator_alone(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        download(&coordinator, "notification").await;
        let entry = newest(service);
        let path = format!("/returns/{}/answer", entry.id);
        let said = [("outcome", "accepted"), ("on-day", "1"), ("on-month", "4"), ("on-year", "2026")];
        for role in Role::ALL.iter().filter(|role| **role != Role::Coordinator) {
            service.signed_in(*role).await.post(&path, &said).await.is(403);
        }
        service.browser().post(&path, &said).await.is(401);
        assert!(newest(service).receiver_answer.is_none());

        record(service, &coordinator, "", "").await.is(422).faults("Choose whether", "#outcome");
        record(service, &coordinator, "refused", " ").await.is(422).faults("Say what the national database refused", "#words");
        let future = [("outcome", "accepted"), ("on-day", "2"), ("on-month", "4"), ("on-year", "2026")];
        coordinator.post(&path, &future).await.is(422).faults("today or in the past", "#on-day");
        coordinator.post("/returns/none/answer", &said).await.is(404);
        record(service, &coordinator, "refused", "A column was missing; synthetic.").await.is(303);
        coordinator.get("/returns").await.is(200).says("Refused").says("A column was missing; synthetic.");
        assert!(given::find(service, &case.reference).national_notified_at.is_none());
        // They asked again and took it.
        record(service, &coordinator, "accepted", "").await.is(303).moved_to("/returns?recorded=0");
        assert!(given::find(service, &case.reference).national_notified_at.is_some());
        coordinator.post(&path, &said).await.is(422).says("recorded already");
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200).says("national database");
    }

    async fn a_case_is_withdrawn_after_the_national_database_took_it(service) {
        let (coordinator, case) = a_finalised_case(service).await;
        download(&coordinator, "final").await;
        record(service, &coordinator, "accepted", "").await.moved_to("/returns?recorded=1");
        assert_eq!(given::find(service, &case).state, "submitted_ncmd");
        assert!(download(&coordinator, "withdrawal").await.rows("case.csv").is_empty());

        let mut form = coordinator.get(&format!("/cases/{case}")).await.is(200).form_with("Reopen the case");
        form.set("reason", "Found to be another area’s; synthetic.");
        coordinator.submit(&form).await.is(303);
        move_case(&coordinator, &case, "find_out_of_scope").await;
        let package = download(&coordinator, "withdrawal").await;
        let rows = package.rows("case.csv");
        assert_eq!(rows.len(), 1, "{rows:?}");
        let row = &rows[0];
        assert_eq!((row["case_id"].as_str(), row["submission_type"].as_str()), (case.as_str(), "withdrawal"));
        assert_eq!(row["case_status"], "out_of_scope");
        assert_eq!((row["surname"].as_str(), row["nhs_number"].as_str()), ("", ""), "only that it is withdrawn");
        let version: i32 = row["version"].parse().unwrap();
        assert!(version > 1, "it follows what was sent before");
        // A year end says so too, and the review is in it no more.
        let year = download(&coordinator, "year_end").await;
        assert_eq!(year.of("case.csv", &case)[0]["submission_type"], "withdrawal");
        assert!(year.of("factor.csv", &case).is_empty());
        assert!(download(&coordinator, "final").await.rows("case.csv").is_empty());

        download(&coordinator, "withdrawal").await;
        record(service, &coordinator, "accepted", "").await.moved_to("/returns?recorded=0");
        coordinator.get(&format!("/cases/{case}")).await.is(200).says("withdrawal");
    }

    async fn only_a_coordinator_makes_a_package(service) {
        given::case(service, 1);
        let pairs = [("kind", "year_end"), ("from-day", "1"), ("from-month", "4"), ("from-year", "2025"),
            ("to-day", "30"), ("to-month", "4"), ("to-year", "2026")];
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get("/returns").await.is(200).never_says("Make and download");
        doctor.post("/returns", &pairs).await.is(403);
        for role in [Role::JarLead, Role::Administrator, Role::Analyst, Role::PanelChair] {
            service.signed_in(role).await.post("/returns", &pairs).await.is(403);
        }
        assert!(service.read(|conn| Ok(returns::latest(conn, 1)?)).is_empty());
        let ctx = service.context(Actor::public());
        let refused = service.app.db.read(|conn| submit_return::order(conn, &ctx, Verb::ExportReturn, &Ask::default()));
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    }
}
