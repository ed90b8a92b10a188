//! Packages of the synthetic cases, file by file, against `fixtures/golden/return/`. Run with
//! `UPDATE_GOLDEN=1` to write them anew, then read the difference.

use super::*;

/// These change with every code of the dictionary; other tests look at them.
const LEFT_OUT: [&str; 2] = ["code_list.csv", "datapackage.json"];

fn compare(name: &str, order: &Order, cases: &[ReturnCase]) {
    let folder = fixtures("golden/return").join(name);
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    if update {
        fs::create_dir_all(&folder).unwrap();
    }
    let (_, files) = write(order, cases);
    let holds_list = files.iter().any(|(held, _)| held == "code_list.csv");
    for (file, text) in files {
        if LEFT_OUT.contains(&file.as_str()) || (holds_list && file == "manifest.csv") {
            continue;
        }
        let path = folder.join(&file);
        if update {
            fs::write(&path, &text).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, golden, "{name}/{file}");
    }
}

#[test]
fn year_end() {
    compare("year_end", &sample::order(Kind::YearEnd), &sample::all());
}

#[test]
fn notification_of_one_case() {
    let case = sample::suicide();
    let order = Order {
        case: Some(case.id.clone()),
        ..sample::order(Kind::Notification)
    };
    compare("notification", &order, &[case, sample::open()]);
}

#[test]
fn published_annual_report() {
    let order = Order {
        published: true,
        ..sample::order(Kind::AnnualReport)
    };
    compare("annual_report", &order, &sample::all());
}

#[test]
fn withdrawal() {
    compare(
        "withdrawal",
        &sample::order(Kind::Withdrawal),
        &sample::all(),
    );
}

#[test]
fn final_review_for_a_spreadsheet() {
    let order = Order {
        spreadsheet: true,
        ..sample::order(Kind::Final)
    };
    compare("final_spreadsheet", &order, &[sample::neonatal()]);
}
