use super::*;
use crate::domain::form::{Kind, fixture};
use proptest::prelude::*;

const HEADER: &str = "section,section_label,field,label,type,codes,unit,required,answered_by,show_when,check,national,identifies,basis,note,source\n";
const CODES: &str = "list,list_label,order,code,label,parent,basis,note\n\
    yes_no_unknown,,1,yes,Yes,,seen,\nyes_no_unknown,,2,no,No,,seen on an old form,\n";
const FORMS: &str = "form,label,kind\none,One,reporting\n";

fn load(form: &str) -> Result<Library, Vec<String>> {
    let form = format!("{HEADER}{form}");
    let files = [
        ("v1/codes.csv", CODES),
        ("v1/forms.csv", FORMS),
        ("v1/one.csv", form.as_str()),
    ];
    library(files).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[test]
fn the_real_forms_load() {
    let library = fixture::library();
    let dictionary = library.current();
    assert_eq!(dictionary.version, fixture::VERSION);
    assert_eq!(dictionary.forms.len(), 26);
    let count: usize = dictionary
        .forms
        .iter()
        .flat_map(super::super::dictionary::Form::fields)
        .map(|field| 1 + field.columns.len())
        .sum();
    assert_eq!(count, 1253);
    let notification = dictionary.form("notification").unwrap();
    let table = notification.field("agencies_involved").unwrap();
    assert_eq!((table.kind, table.columns.len()), (Kind::Table, 9));
    assert_eq!(
        notification.section_of("sex").unwrap().id,
        notification.section_of("ethnicity").unwrap().id
    );
    assert_eq!(dictionary.label("age_band", "0_27d"), Some("0 to 27 days"));
    assert_eq!(dictionary.codes("no_such_list"), &[]);
}

#[test]
fn a_version_needs_no_rust_and_the_greatest_is_current() {
    let form = format!("{HEADER}s,S,a,A,text,,,no,staff,,,no,none,seen,,\n");
    let mut files = vec![];
    for version in ["2024-01", "2023-09"] {
        for (name, text) in [
            ("codes.csv", CODES),
            ("forms.csv", FORMS),
            ("one.csv", &form),
        ] {
            files.push((format!("{version}/{name}"), text.to_owned()));
        }
    }
    let library = Library::load(files.iter().map(|(n, t)| (n.as_str(), t.as_str()))).unwrap();
    assert_eq!(library.current().version, "2024-01");
    assert!(library.version("2023-09").is_some());
    assert!(library.version("2022").is_none());
}

#[test]
fn every_fault_is_told_with_its_place() {
    let faults = load(
        "s,S,a,A,texts,,,no,staff,,,no,none,seen,,\n\
         s,S,b,B,single_choice,nowhere,,maybe,nobody,,,yes,some,guessed,,\n\
         s,S,c,C,integer,,,no,staff,b is,0..3; frobnicate,no,none,seen,,\n\
         s,S,d,D,text,,,no,staff,zz = yes,0..3,no,none,seen,,\n\
         s,S,t.x,X,text,,,no,staff,,,no,none,seen,,\n\
         s,S,a,A again,text,,,no,staff,,,no,none,seen,,\n\
         s,S,e,E,date,,,no,staff,,>= zz; >= c; rule AN-1,no,none,seen,,\n\
         s,S,f,F,yes_no_unknown,,,no,staff,f = yes,,no,none,seen,,\n\
         s,S,g,G,text,,,no,staff,f = maybe,,no,none,seen,,\n\
         s,Other,h-h,,text,x,,no,staff,,,no,none,seen,,\n",
    )
    .unwrap_err();
    for expected in [
        "v1/one.csv:2: column type: ",
        "v1/one.csv:3: column codes: codes.csv has no list “nowhere”",
        "v1/one.csv:3: column required: ",
        "v1/one.csv:3: column answered_by: ",
        "v1/one.csv:3: column identifies: ",
        "v1/one.csv:3: column basis: ",
        "v1/one.csv:4: column show_when: ",
        "v1/one.csv:4: column check: “frobnicate” is no check that is known",
        "v1/one.csv:5: column show_when: no form has a field “zz”",
        "v1/one.csv:5: column check: “0..3” cannot apply to a text",
        "v1/one.csv:6: column field: there is no table “t” above this column",
        "v1/one.csv:7: column field: “a” is on this form already",
        "v1/one.csv:8: column check: “>= zz”: no form has a field “zz”",
        "v1/one.csv:8: column check: “>= c”: “c” is of another kind",
        "v1/one.csv:8: column check: “rule AN-1” cannot apply to a date",
        "v1/one.csv:9: column show_when: this question’s condition leads back to itself",
        "v1/one.csv:10: column show_when: “f” never takes “maybe”",
        "v1/one.csv:11: column field: ",
        "v1/one.csv:11: column label: must not be empty",
        "v1/one.csv:11: column codes: a text takes no codes",
        "v1/one.csv:11: column section_label: ",
    ] {
        assert!(
            faults.iter().any(|f| f.starts_with(expected)),
            "{expected}\n{faults:#?}"
        );
    }
    assert_eq!(faults.len(), 21, "{faults:#?}");
}

#[test]
fn faults_of_whole_files_are_told() {
    let told = |files: &[(&str, &str)]| -> Vec<String> {
        library(files.iter().copied())
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(told(&[]), ["forms: there is no version of the forms here"]);
    let faults = told(&[
        ("v1/one.csv", "field,colour\nx,y\n"),
        ("v1/forms.csv", FORMS),
    ]);
    assert!(faults.contains(&"v1/codes.csv: the file is missing".to_owned()));
    assert!(faults.contains(&"v1/one.csv:1: column colour: this column is not known".to_owned()));
    assert!(faults.contains(&"v1/one.csv:1: column label: this column is missing".to_owned()));
    let short = format!("{HEADER}s,S,a\n");
    let faults = told(&[
        (
            "v1/codes.csv",
            "list,list_label,order,code,label,parent,basis,note\nl,,x,a,A,,guess,\nl,,1,a,,,seen,\n",
        ),
        (
            "v1/forms.csv",
            "form,label,kind\none,One,odd\none,One,reporting\ntwo,Two,reporting\n",
        ),
        ("v1/one.csv", &short),
        ("v1/three.csv", HEADER),
    ]);
    for expected in [
        "v1/codes.csv:2: column order: ",
        "v1/codes.csv:2: column basis: ",
        "v1/codes.csv:3: column label: ",
        "v1/codes.csv:3: column code: ",
        "v1/forms.csv:2: column kind: ",
        "v1/forms.csv:3: column form: ",
        "v1/forms.csv:4: column form: there is no file two.csv",
        "v1/one.csv:2: has 3 cells; there are 16 columns",
        "v1/three.csv: forms.csv does not name this form",
    ] {
        assert!(
            faults.iter().any(|f| f.starts_with(expected)),
            "{expected}\n{faults:#?}"
        );
    }
}

proptest! {
    #[test]
    fn junk_never_panics(codes in ".*", forms in ".*", form in ".*") {
        let form = format!("{HEADER}{form}");
        let _ = library([("v/codes.csv", codes.as_str()), ("v/forms.csv", forms.as_str()), ("v/one.csv", &form)]);
    }
}
