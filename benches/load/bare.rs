//! SQLite without the product: the same library, key and pragmas, the same row in the same table with the same
//! indexes, and nothing else.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cdr::casework::secrets::{digest, random_letters};
use cdr::store::schema::notifications;
use cdr::store::{Engine, Purpose, Target, migrate, open};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, sql_query};

use super::sample;

/// Rows of one commit.
pub const TOGETHER: usize = 32;
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn database(path: PathBuf) -> SqliteConnection {
    let target = Target::Sqlite {
        path,
        key_hex: KEY.to_owned(),
    };
    match open(&target, Purpose::Write).unwrap() {
        Engine::Sqlite(conn) => conn,
        Engine::Postgres(_) => unreachable!("a file opens SQLite"),
    }
}

/// Rows a second in durable commits of 32.
pub fn commits(folder: &Path, time: Duration) -> f64 {
    let path = folder.join(format!("bare-{}.db", random_letters(6)));
    let target = Target::Sqlite {
        path: path.clone(),
        key_hex: KEY.to_owned(),
    };
    migrate(&mut open(&target, Purpose::Write).unwrap()).unwrap();
    let mut conn = database(path);
    let (answers, begun) = (sample::stored(), Instant::now());
    let mut rows = 0;
    while begun.elapsed() < time {
        let some: Vec<Row> = (0..TOGETHER).map(|_| row(&answers)).collect();
        conn.immediate_transaction(|conn| {
            some.iter().try_for_each(|row| {
                let one = diesel::insert_into(notifications::table).values(row);
                one.execute(conn).map(drop)
            })
        })
        .unwrap();
        rows += TOGETHER;
    }
    rows as f64 / begun.elapsed().as_secs_f64()
}

/// A row like that of a notification which was accepted. What the product seals is as long here and as little
/// alike, but was not sealed: the engine is measured, not the sealing.
#[derive(Insertable)]
#[diesel(table_name = notifications)]
pub struct Row {
    id: String,
    pub state: String,
    pub form_version: String,
    pub answers: Vec<u8>,
    pub confirmed: String,
    pub source: String,
    reference: String,
    code_hash: String,
    complete: bool,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    sent_at: NaiveDateTime,
    nhs_number: Vec<u8>,
    surname_folded: Vec<u8>,
    forenames_folded: Vec<u8>,
    date_of_birth: Vec<u8>,
    date_of_death: NaiveDate,
    nhs_mark: String,
    surname_mark: String,
    sound_mark: String,
    birth_mark: String,
    version: i32,
}

/// Bytes by which a sealed value is longer.
const SEALED: usize = 44;

pub fn row(answers: &str) -> Row {
    let id = uuid::Uuid::now_v7().to_string();
    let now = "2025-06-02T09:00:00.123456".parse().unwrap();
    let sealed = |text: &str| [random_letters(SEALED).as_bytes(), text.as_bytes()].concat();
    Row {
        code_hash: digest(id.as_bytes()),
        reference: format!("NKM-{}", random_letters(8)),
        id,
        state: "received".into(),
        form_version: "2022-04-r1".into(),
        answers: sealed(answers),
        confirmed: "[]".into(),
        source: "api".into(),
        complete: true,
        created_at: now,
        updated_at: now,
        sent_at: now,
        nhs_number: sealed("9990000018"),
        surname_folded: sealed("testfamily"),
        forenames_folded: sealed("samplechild"),
        date_of_birth: sealed("2020-02-09"),
        date_of_death: "2025-06-01".parse().unwrap(),
        nhs_mark: random_letters(32),
        surname_mark: random_letters(32),
        sound_mark: random_letters(32),
        birth_mark: random_letters(32),
        version: 1,
    }
}

/// What an equal table is written out at.
pub struct Dumped {
    pub rows: usize,
    /// `sqlite3 -csv` on an equal table without a key, in rows a second; none where the tool is lacking.
    pub tool: Option<f64>,
    /// The product's library on an equal table with its key, as CSV, in rows a second.
    pub library: f64,
}

const COLUMNS: [&str; 18] = [
    "case_id",
    "form_code",
    "form_version",
    "response_id",
    "agency",
    "is_collated",
    "section_id",
    "field_id",
    "row_no",
    "column_id",
    "seq",
    "value_code",
    "value_text",
    "value_number",
    "value_date",
    "unit",
    "confidence_tag",
    "answered_at",
];

/// Fills a table with the rows of `answer.csv`, no more than `most`, and writes it out as CSV.
pub fn dump(folder: &Path, answers: impl std::io::Read, most: usize) -> Dumped {
    let paths = ["equal.db", "equal-plain.db"].map(|name| folder.join(name));
    for path in &paths {
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{end}", path.display())));
        }
    }
    let [keyed, plain] = paths;
    let mut conn = database(keyed);
    let rows = fill(&mut conn, answers, most);
    let words = format!(
        "ATTACH '{}' AS plain KEY ''; CREATE TABLE plain.answer AS SELECT * FROM answer; DETACH plain;",
        plain.display()
    );
    diesel::connection::SimpleConnection::batch_execute(&mut conn, &words).unwrap();
    let begun = Instant::now();
    written(&mut conn);
    Dumped {
        rows,
        library: rows as f64 / begun.elapsed().as_secs_f64(),
        tool: tool(&plain).map(|time| rows as f64 / time.as_secs_f64()),
    }
}

fn fill(conn: &mut SqliteConnection, answers: impl std::io::Read, most: usize) -> usize {
    let table = format!("CREATE TABLE answer ({})", COLUMNS.join(" TEXT, "));
    sql_query(table).execute(conn).unwrap();
    let cells: Vec<String> = (0..COLUMNS.len())
        .map(|n| format!("json_extract(value, '$[{n}]')"))
        .collect();
    let words = format!(
        "INSERT INTO answer SELECT {} FROM json_each(?)",
        cells.join(", ")
    );
    let mut reader = csv::Reader::from_reader(answers);
    assert_eq!(reader.headers().unwrap(), &COLUMNS[..], "answer.csv");
    let mut records = reader.records().take(most);
    let mut rows = 0;
    loop {
        let some: Vec<Vec<String>> = records
            .by_ref()
            .take(5_000)
            .map(|r| r.unwrap().iter().map(str::to_owned).collect())
            .collect();
        if some.is_empty() {
            return rows;
        }
        rows += some.len();
        let text = serde_json::to_string(&some).unwrap();
        sql_query(&words)
            .bind::<Text, _>(text)
            .execute(conn)
            .unwrap();
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    case_id: String,
    #[diesel(sql_type = Text)]
    form_code: String,
    #[diesel(sql_type = Text)]
    form_version: String,
    #[diesel(sql_type = Text)]
    response_id: String,
    #[diesel(sql_type = Text)]
    agency: String,
    #[diesel(sql_type = Text)]
    is_collated: String,
    #[diesel(sql_type = Text)]
    section_id: String,
    #[diesel(sql_type = Text)]
    field_id: String,
    #[diesel(sql_type = Text)]
    row_no: String,
    #[diesel(sql_type = Text)]
    column_id: String,
    #[diesel(sql_type = Text)]
    seq: String,
    #[diesel(sql_type = Text)]
    value_code: String,
    #[diesel(sql_type = Text)]
    value_text: String,
    #[diesel(sql_type = Text)]
    value_number: String,
    #[diesel(sql_type = Text)]
    value_date: String,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Text)]
    confidence_tag: String,
    #[diesel(sql_type = Text)]
    answered_at: String,
}

impl Answer {
    fn cells(&self) -> [&str; 18] {
        [
            &self.case_id,
            &self.form_code,
            &self.form_version,
            &self.response_id,
            &self.agency,
            &self.is_collated,
            &self.section_id,
            &self.field_id,
            &self.row_no,
            &self.column_id,
            &self.seq,
            &self.value_code,
            &self.value_text,
            &self.value_number,
            &self.value_date,
            &self.unit,
            &self.confidence_tag,
            &self.answered_at,
        ]
    }
}

fn written(conn: &mut SqliteConnection) {
    let out = BufWriter::new(
        std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/null")
            .unwrap(),
    );
    let mut out = csv::Writer::from_writer(out);
    let all = sql_query("SELECT * FROM answer")
        .load_iter::<Answer, diesel::connection::DefaultLoadingMode>(conn);
    for row in all.unwrap() {
        out.write_record(row.unwrap().cells()).unwrap();
    }
    out.into_inner().unwrap().flush().unwrap();
}

fn tool(plain: &Path) -> Option<Duration> {
    let begun = Instant::now();
    let done = Command::new("sqlite3")
        .arg("-csv")
        .arg(plain)
        .arg("SELECT * FROM answer")
        .stdout(Stdio::null())
        .status()
        .ok()?;
    done.success().then(|| begun.elapsed())
}
