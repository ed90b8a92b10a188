//! Documents of a case: kept sealed, refused when they are not what they say, scanned, read by those who may.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

use cdr::config::Clamd;
use cdr::domain::actor::Role;
use cdr::domain::document::LARGEST;
use cdr::jobs::scan::scan_waiting;
use cdr::store::cases::Case;
use cdr::store::{documents, events};
use diesel::connection::SimpleConnection;
use reqwest::Method;

use super::support::files::{self, WORD};
use super::support::{Browser, Engine, Page, Service, given, on_with};
use crate::both_engines;

/// A form with a file, as a browser posts it.
pub(super) struct Posted {
    name: String,
    bytes: Vec<u8>,
    title: String,
    note: Option<String>,
}

impl Posted {
    pub(super) fn new(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            title: format!("A report on {WORD}"),
            note: None,
        }
    }

    fn body(&self, token: &str) -> Vec<u8> {
        let mut body = token_field(token).into_bytes();
        let mut field = |name: &str, value: &str| {
            body.extend(
                format!(
                    "--sample\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .bytes(),
            );
        };
        field("title", &self.title);
        if let Some(note) = &self.note {
            field("distressing", "yes");
            field("content_note", note);
        }
        field("state", "withdrawn");
        let head = format!(
            "--sample\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            self.name
        );
        body.extend(head.bytes());
        body.extend(&self.bytes);
        body.extend(b"\r\n--sample--\r\n");
        body
    }

    pub(super) async fn to(&self, browser: &Browser, reference: &str) -> Page {
        let request = browser
            .request(Method::POST, &at(reference, ""))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "multipart/form-data; boundary=sample")
            .body(self.body(&browser.token().await));
        browser.send(request).await
    }
}

fn token_field(token: &str) -> String {
    format!("--sample\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n")
}

fn at(reference: &str, rest: &str) -> String {
    format!("/cases/{reference}/documents{rest}")
}

async fn bytes(browser: &Browser, path: &str) -> Vec<u8> {
    let answer = browser.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.bytes().await.unwrap().to_vec()
}

/// Every file in which a document's bytes lie.
fn stored(service: &Service) -> Vec<PathBuf> {
    let folder = service.database.folder().join("documents");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn happened(service: &Service, what: &str) -> usize {
    service
        .read(|conn| Ok(events::latest(conn, what, 100)?))
        .len()
}

fn rows(service: &Service, case: &Case) -> Vec<documents::Document> {
    service.read(|conn| Ok(documents::of_case(conn, &case.id)?))
}

fn sql(service: &Service, statement: &str) {
    match &mut service.database.conn() {
        cdr::store::Engine::Sqlite(c) => c.batch_execute(statement).unwrap(),
        cdr::store::Engine::Postgres(c) => c.batch_execute(statement).unwrap(),
    }
}

both_engines! {
    async fn a_file_of_each_kind_is_kept_sealed_and_comes_back_as_it_was(service) {
        let case = given::case(service, 1);
        let browser = service.signed_in(Role::Coordinator).await;
        for ((ending, sent), number) in files::each().into_iter().zip(1..) {
            let own = at(&case.reference, &format!("/{number}"));
            let posted = Posted::new(&format!("Testfamily1 {WORD}.{ending}"), &sent);
            posted.to(&browser, &case.reference).await.moved_to(&own);
            let page = browser.get(&format!("{own}/file")).await.is(200);
            let name = format!("attachment; filename=\"{}-document-{number}.{ending}\"", case.reference);
            assert_eq!(page.header("content-disposition"), name);
            assert!(page.header("content-security-policy").starts_with("sandbox; default-src 'none';"));
            assert_eq!(page.header("cache-control"), "no-store");
            assert_eq!(bytes(&browser, &format!("{own}/file")).await, sent, "{ending}");
        }
        let page = browser.get(&at(&case.reference, "")).await.is(200);
        assert!(page.words().contains(&format!("A report on {WORD}")));
        assert_eq!(happened(service, "document_added"), 11);
        assert_eq!(happened(service, "document_downloaded"), 22);

        let paths = stored(service);
        assert_eq!(paths.len(), 11);
        for path in paths {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(!name.contains(WORD) && uuid::Uuid::parse_str(name).is_ok(), "{name}");
            let raw = std::fs::read(&path).unwrap();
            assert!(!raw.windows(WORD.len()).any(|w| w == WORD.as_bytes()), "{name} is readable");
        }
        for row in rows(service, &case) {
            for column in [&row.title, &row.file_name] {
                assert!(column.starts_with("s1.1."), "{column}");
            }
            assert_eq!(row.state, "ready", "a form field named after a column changes nothing");
        }
        let told = service.read(|conn| Ok(events::of_case(conn, &case.id, &[], 1000)?));
        assert!(!told.iter().any(|e| e.detail.contains(WORD)));
    }

    async fn a_file_that_is_not_what_it_says_is_refused_at_the_field_and_nothing_is_kept(service) {
        let case = given::case(service, 1);
        let browser = service.signed_in(Role::Coordinator).await;
        let sound = files::docx(&[]);
        let lies: [(&str, Vec<u8>, &str); 9] = [
            ("a.pdf", sound.clone(), "the file is something else"),
            ("a.docx", b"MZ".to_vec(), "the file is something else"),
            ("a.exe", b"MZ".to_vec(), "Files of this kind are not taken"),
            ("a.docx", files::docx(&[("word/vbaProject.bin", b"x")]), "The file holds macros"),
            ("a.pdf", files::pdf_with_program(), "holds a program"),
            ("a.png", files::picture_bomb(50_000), "The picture is too large"),
            ("a.docx", files::docx(&[("word/x.xml", &vec![0; 8 << 20])]), "unpacks to more"),
            ("a.eml", files::mail(&files::attachment("a.exe", "MZ")), "has an attachment that is not taken"),
            ("a.txt", Vec::new(), "The file is empty"),
        ];
        let count = lies.len();
        for (name, bytes, words) in lies {
            let page = Posted::new(name, &bytes).to(&browser, &case.reference).await.is(422);
            let (text, href) = page.errors().swap_remove(0);
            assert!(text.contains(words), "{name}: {text}");
            assert_eq!(href, "#file");
            assert_eq!(page.form_with("Add the document").value("title"), format!("A report on {WORD}"));
        }
        assert_eq!(happened(service, "document_refused"), count);
        if service.engine == Engine::Sqlite {
            let large = vec![b'x'; LARGEST + 1];
            let page = Posted::new("a.txt", &large).to(&browser, &case.reference).await;
            page.is(422).faults("The file is larger than 25 MB. Choose a smaller file, or send it in parts", "#file");
        }
        let none = Posted { name: String::new(), ..Posted::new("", b"") };
        none.to(&browser, &case.reference).await.is(422).faults("Choose a file", "#file");
        let unnamed = Posted { title: String::new(), ..Posted::new("a.docx", &sound) };
        let page = unnamed.to(&browser, &case.reference).await.is(422);
        page.faults("Say what the document is", "#title").faults("Choose the file again: it was not kept", "#file");
        let silent = Posted { note: Some(String::new()), ..Posted::new("a.docx", &sound) };
        silent.to(&browser, &case.reference).await.is(422)
            .faults("Say what a reader will meet in the document", "#content_note");
        assert!(stored(service).is_empty());
        assert!(rows(service, &case).is_empty());

        Posted::new("a.docx", &sound).to(&browser, &case.reference).await.is(303);
        Posted::new("b.docx", &sound).to(&browser, &case.reference).await.is(422)
            .faults("This file is on the case already, as document 1", "#file");
        assert_eq!(stored(service).len(), 1, "the second copy is taken away again");

        let other = browser.request(Method::POST, &at(&case.reference, "")).header("sec-fetch-site", "cross-site")
            .header("content-type", "multipart/form-data; boundary=sample").body(Posted::new("c.txt", b"c").body(&browser.token().await));
        browser.send(other).await.is(403);
        let broken = browser.request(Method::POST, &at(&case.reference, "")).header("sec-fetch-site", "same-origin")
            .header("content-type", "multipart/form-data; boundary=sample").body(format!("{}--sample\r\nno form", token_field(&browser.token().await)));
        browser.send(broken).await.is(400);
    }

    async fn a_file_s_name_is_shown_clean_and_leads_nowhere(service) {
        let case = given::case(service, 1);
        let browser = service.signed_in(Role::Coordinator).await;
        for (name, shown, text) in [
            ("../../../escape.txt", "escape.txt", "one"),
            ("..\\\\..\\\\Testfamily1; x=y.txt", "Testfamily1_ x=y.txt", "two"),
            ("exe.\u{202E}fdp.txt", "exe.fdp.txt", "three"),
            ("<b>bold</b>.txt", "b_.txt", "four"),
        ] {
            let page = Posted::new(name, text.as_bytes()).to(&browser, &case.reference).await.is(303);
            let own = page.location().unwrap();
            browser.get(&own).await.is(200).says(&format!("Name of the file as it was added {shown}"));
            let page = browser.get(&format!("{own}/file")).await.is(200);
            assert!(!page.header("content-disposition").contains("Testfamily"));
        }
        assert!(!service.database.folder().join("escape.txt").exists());
        assert_eq!(stored(service).len(), 4);
    }

    async fn only_those_who_read_the_case_read_its_documents(service) {
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let browser = service.signed_in(Role::Coordinator).await;
        Posted::new("a.txt", b"a").to(&browser, &case.reference).await.is(303);
        let file = at(&case.reference, "/1/file");
        for path in [at(&other.reference, "/1"), at(&other.reference, "/1/file"), at("KM-2020-9999", ""), at(&case.reference, "/2/file"), at(&case.reference, "/x")] {
            browser.get(&path).await.is(404);
        }
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get(&file).await.is(200);
        Posted::new("b.txt", b"b").to(&doctor, &case.reference).await.is(303);
        doctor.post(&at(&case.reference, "/1/withdraw"), &[("reason", "no"), ("version", "1")]).await.is(403);
        for role in [Role::PanelMember, Role::Analyst, Role::Administrator, Role::Auditor] {
            let email = format!("{}@cdr.example", role.as_str());
            service.add_user(&email, role);
            let stranger = service.signed_in_as(&email);
            stranger.get(&file).await.is(403);
            Posted::new("c.txt", b"c").to(&stranger, &case.reference).await.is(403);
        }
        service.browser().get(&file).await.is(303);
        assert_eq!(rows(service, &case).len(), 2);
    }

    async fn a_note_stands_before_a_document_and_a_withdrawn_one_is_not_read(service) {
        let case = given::case(service, 1);
        let browser = service.signed_in(Role::Coordinator).await;
        let note = Some("Photographs of injuries".to_owned());
        Posted { note, ..Posted::new("a.txt", b"a") }.to(&browser, &case.reference).await.is(303);
        let own = at(&case.reference, "/1");
        browser.get(&format!("{own}/file")).await.moved_to(&own);
        let page = browser.get(&own).await.is(200).says("Photographs of injuries");
        let (_, to) = page.links().into_iter().find(|(text, _)| text.contains("I have read this note")).unwrap();
        browser.get(&to).await.is(200);

        let mut form = browser.get(&own).await.form_with("Withdraw the document");
        browser.submit(&form).await.is(422).faults("Say why the document is withdrawn", "#reason");
        form.set("reason", "It belongs to another case");
        browser.submit(&form).await.moved_to(&own);
        browser.submit(&form).await.is(422);
        browser.get(&to).await.moved_to(&own);
        browser.get(&own).await.is(200).says("It belongs to another case");
        assert_eq!(happened(service, "document_withdrawn"), 1);
        // What was withdrawn may be added again.
        Posted::new("a.txt", b"a").to(&browser, &case.reference).await.is(303);
    }

    async fn damage_is_said_and_recorded_and_nothing_of_it_is_shown(service) {
        let case = given::case(service, 1);
        let browser = service.signed_in(Role::Coordinator).await;
        let text = |n: usize| format!("{WORD} {n} ").repeat(20_000);
        for n in 1..=2 {
            let posted = Posted { title: format!("Title {n}"), ..Posted::new("a.txt", text(n).as_bytes()) };
            posted.to(&browser, &case.reference).await.is(303);
        }
        let file = at(&case.reference, "/1/file");
        let path = service.database.folder().join("documents").join(&rows(service, &case)[1].id);
        let sound = std::fs::read(&path).unwrap();
        let mut flipped = sound.clone();
        flipped[100_000] ^= 1;
        let second = std::fs::read(service.database.folder().join("documents").join(&rows(service, &case)[0].id)).unwrap();
        // A whole piece less: 64 KiB and its tag.
        let short = sound[..24 + 65_536 + 16].to_vec();
        for (changed, so_far) in [(flipped, 1), (short, 2), (second, 3)] {
            std::fs::write(&path, changed).unwrap();
            browser.get(&file).await.is(500).says("Document 1 is damaged").never_says(WORD);
            assert_eq!(happened(service, "document_damaged"), so_far);
        }
        std::fs::remove_file(&path).unwrap();
        browser.get(&file).await.is(500).says("Document 1 is damaged");
        std::fs::write(&path, sound).unwrap();
        assert_eq!(bytes(&browser, &file).await, text(1).into_bytes());

        // Titles that change places are nobody's title.
        let both = rows(service, &case);
        for (to, from) in [(0, 1), (1, 0)] {
            sql(service, &format!("UPDATE documents SET title = '{}' WHERE id = '{}'", both[from].title, both[to].id));
        }
        let before = happened(service, "document_damaged");
        let page = browser.get(&at(&case.reference, "")).await.is(200).says("Damaged");
        page.never_says("Title 1").never_says("Title 2");
        browser.get(&file).await.is(500);
        browser.get(&at(&case.reference, "/1")).await.is(200).says("This document is damaged");
        assert_eq!(happened(service, "document_damaged"), before + 4);
    }
}

/// A scanner that answers a number of documents and is gone; gives what it was sent.
fn scanner(answers: &'static [&'static [u8]]) -> (Clamd, std::thread::JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let work = std::thread::spawn(move || {
        answers
            .iter()
            .map(|answer| {
                let (mut socket, _) = listener.accept().unwrap();
                let sent = streamed(&mut socket);
                socket.write_all(answer).unwrap();
                sent
            })
            .collect()
    });
    (Clamd::Tcp(address), work)
}

/// What clamd would read: the command, then pieces with their lengths, then a length of nothing.
fn streamed(socket: &mut TcpStream) -> Vec<u8> {
    let mut command = [0; 10];
    socket.read_exact(&mut command).unwrap();
    assert_eq!(&command, b"zINSTREAM\0");
    let mut sent = Vec::new();
    loop {
        let mut length = [0; 4];
        socket.read_exact(&mut length).unwrap();
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
        if length == 0 {
            return sent;
        }
        let mut piece = vec![0; length];
        socket.read_exact(&mut piece).unwrap();
        sent.extend(piece);
    }
}

/// One round of the job, on a thread that may wait.
async fn scan(service: &Service, clamd: &Clamd) -> usize {
    let (app, clamd, now) = (service.app.clone(), clamd.clone(), service.now());
    let round = move || scan_waiting(&app.db, &app.house, &app.vault, &clamd, now).unwrap();
    actix_web::web::block(round).await.unwrap()
}

async fn nothing_is_read_before_the_scanner_has_said_so(service: &Service) {
    let case = given::case(service, 1);
    let browser = service.signed_in(Role::Coordinator).await;
    let own = |n: usize| at(&case.reference, &format!("/{n}"));
    let file = |n: usize| format!("{}/file", own(n));
    let long = "long ".repeat(40_000);
    for text in [long.as_str(), "two", "three"] {
        Posted::new("a.txt", text.as_bytes())
            .to(&browser, &case.reference)
            .await
            .is(303);
    }
    browser.get(&file(1)).await.moved_to(&own(1));
    browser
        .get(&own(1))
        .await
        .is(200)
        .says("This document is being checked");

    // Nobody listens on a port that was given back; then the scanner comes up with a fault of its own.
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(scan(service, &Clamd::Tcp(gone.to_string())).await, 0);
    // What it does not judge holds up nothing else: the second is looked at, then the scanner is gone again.
    let (clamd, work) = scanner(&[
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Sample-Test FOUND\0",
    ]);
    assert_eq!(scan(service, &clamd).await, 1);
    assert_eq!(
        work.join().unwrap(),
        [long.clone().into_bytes(), b"two".to_vec()]
    );
    browser.get(&file(1)).await.moved_to(&own(1));
    assert_eq!(happened(service, "document_found_infected"), 1);

    let (clamd, work) = scanner(&[b"stream: OK\0"]);
    // The third was damaged while it waited.
    std::fs::write(
        service
            .database
            .folder()
            .join("documents")
            .join(&rows(service, &case)[0].id),
        b"nothing",
    )
    .unwrap();
    assert_eq!(scan(service, &clamd).await, 2);
    assert_eq!(work.join().unwrap(), [long.clone().into_bytes()]);
    assert_eq!(bytes(&browser, &file(1)).await, long.into_bytes());
    browser.get(&file(2)).await.moved_to(&own(2));
    browser
        .get(&own(2))
        .await
        .is(200)
        .says("The scanner found malicious software");
    browser.get(&file(3)).await.moved_to(&own(3));
    let counted = [
        "document_found_clean",
        "document_found_infected",
        "document_damaged",
    ];
    assert_eq!(counted.map(|what| happened(service, what)), [1, 1, 1]);
    assert_eq!(scan(service, &clamd).await, 0, "nothing waits any more");
}

#[test]
fn a_scanner_on_sqlite() {
    on_with(
        Engine::Sqlite,
        |app| app.scanned = true,
        nothing_is_read_before_the_scanner_has_said_so,
    );
}

#[test]
fn a_scanner_on_postgres() {
    on_with(
        Engine::Postgres,
        |app| app.scanned = true,
        nothing_is_read_before_the_scanner_has_said_so,
    );
}
