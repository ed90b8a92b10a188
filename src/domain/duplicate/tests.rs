//! One child, two children, twins.

use super::*;
use proptest::prelude::*;

fn alba() -> Identity {
    Identity {
        nhs_number: Some("9990000018".into()),
        feed_number: None,
        surname: "Sample".into(),
        forenames: "Alba".into(),
        date_of_birth: "2026-03-01".parse().ok(),
        date_of_death: "2026-03-27".parse().ok(),
        sex: Some("female".into()),
        postcode: Some("ME1 1AA".into()),
        multiple_birth: false,
        birth_order: None,
    }
}

fn strength(a: &Identity, b: &Identity) -> Option<Strength> {
    compare(a, b).map(|found| found.strength)
}

#[test]
fn the_same_number_is_the_same_child_whatever_else_differs() {
    let other = Identity {
        nhs_number: alba().nhs_number,
        surname: "Dummy".into(),
        forenames: "Bruno".into(),
        date_of_birth: "2020-01-01".parse().ok(),
        ..Identity::default()
    };
    assert_eq!(strength(&alba(), &other), Some(Strength::Certain));
}

#[test]
fn without_a_number_dates_and_names_decide() {
    let bare = Identity {
        nhs_number: None,
        ..alba()
    };
    assert_eq!(strength(&alba(), &bare), Some(Strength::Probable));
    let misspelt = Identity {
        surname: "Sampel".into(),
        forenames: "Álba Rose".into(),
        ..bare.clone()
    };
    assert_eq!(strength(&alba(), &misspelt), Some(Strength::Probable));
    let swapped = Identity {
        surname: "Alba".into(),
        forenames: "Sample".into(),
        ..bare.clone()
    };
    assert_eq!(strength(&alba(), &swapped), Some(Strength::Probable));
    let unnamed = Identity {
        forenames: "Baby".into(),
        ..bare.clone()
    };
    assert_eq!(strength(&alba(), &unnamed), Some(Strength::Possible));
    let one_date = Identity {
        date_of_death: "2026-03-28".parse().ok(),
        ..bare.clone()
    };
    assert_eq!(strength(&alba(), &one_date), Some(Strength::Possible));
    let stranger = Identity {
        surname: "Dummy".into(),
        forenames: "Cleo".into(),
        postcode: None,
        ..bare
    };
    assert_eq!(compare(&alba(), &stranger), None);
}

#[test]
fn different_numbers_are_different_children_unless_all_else_agrees() {
    let other = Identity {
        nhs_number: Some("4505577104".into()),
        ..alba()
    };
    assert_eq!(strength(&alba(), &other), Some(Strength::Possible));
    let elsewhere = Identity {
        date_of_death: "2026-03-20".parse().ok(),
        ..other
    };
    assert_eq!(compare(&alba(), &elsewhere), None);
}

#[test]
fn no_fixed_abode_is_not_an_address_in_common() {
    let mut one = Identity {
        nhs_number: None,
        postcode: Some("ZZ99 3VZ".into()),
        ..alba()
    };
    let mut two = Identity {
        surname: "Dummy".into(),
        forenames: "Cleo".into(),
        ..one.clone()
    };
    assert_eq!(compare(&one, &two), None);
    one.postcode = Some("ME1 1AA".into());
    two.postcode = Some("me11aa".into());
    assert!(compare(&one, &two).is_some());
}

#[test]
fn two_babies_of_several_without_a_name_are_two_until_somebody_looks() {
    let one = Identity {
        nhs_number: None,
        forenames: "Baby".into(),
        multiple_birth: true,
        ..alba()
    };
    let found = compare(&one, &one.clone()).unwrap();
    assert_eq!(found.strength, Strength::Possible);
    assert!(found.may_be_twin);
    assert!(found.reasons.iter().any(|r| r.contains("may be a twin")));
    // One of the two was numbered meanwhile: it may be the other all the same.
    let numbered = Identity {
        nhs_number: alba().nhs_number,
        ..one.clone()
    };
    assert_eq!(strength(&one, &numbered), Some(Strength::Possible));
    // Born alone, and one number, are one child.
    let alone = Identity {
        multiple_birth: false,
        ..one.clone()
    };
    assert_eq!(strength(&alone, &alone.clone()), Some(Strength::Probable));
    assert_eq!(
        strength(&numbered, &numbered.clone()),
        Some(Strength::Certain)
    );
    // The feed's own number tells them apart, and finds one again.
    let listed = |number: &str| Identity {
        feed_number: Some(number.into()),
        ..one.clone()
    };
    assert_eq!(
        strength(&listed("N1"), &listed("N1")),
        Some(Strength::Certain)
    );
    assert!(compare(&listed("N1"), &listed("N2")).unwrap().may_be_twin);
    // The first twin is the first twin.
    let first = Identity {
        forenames: "Twin 1".into(),
        ..one
    };
    assert_eq!(strength(&first, &first.clone()), Some(Strength::Probable));
}

#[test]
fn twins_are_told_apart() {
    let one = Identity {
        nhs_number: None,
        forenames: "Twin 1".into(),
        multiple_birth: true,
        ..alba()
    };
    let two = Identity {
        forenames: "Twin 2".into(),
        ..one.clone()
    };
    let found = compare(&one, &two).unwrap();
    assert!(found.may_be_twin);
    assert_eq!(found.strength, Strength::Possible);
    assert!(
        found
            .reasons
            .iter()
            .any(|reason| reason.starts_with("It may be a twin"))
    );
    // A twin who died on another day is not put forward at all.
    assert_eq!(
        compare(
            &one,
            &Identity {
                date_of_death: "2026-04-02".parse().ok(),
                ..two
            }
        ),
        None
    );
    // The same number on two of a multiple birth is a mistake to look at, not one child.
    let wrong = Identity {
        forenames: "Bruno".into(),
        multiple_birth: true,
        ..alba()
    };
    let found = compare(&alba(), &wrong).unwrap();
    assert!(found.may_be_twin && found.strength == Strength::Probable);
}

#[test]
fn reasons_name_nobody() {
    let found = compare(
        &alba(),
        &Identity {
            nhs_number: None,
            ..alba()
        },
    )
    .unwrap();
    let said = found.reasons.join(" ");
    for private in ["Sample", "Alba", "ME1", "2026", "999"] {
        assert!(!said.contains(private), "{said}");
    }
}

fn name() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "Sample",
        "Sampel",
        "Sample-Test",
        "Dummy",
        "Alba",
        "Álba",
        "Alba Rose",
        "Bruno",
        "Baby",
        "Twin 1",
        "Twin 2",
        "Baby B",
        "",
        "Unnamed",
    ])
    .prop_map(str::to_owned)
}

prop_compose! {
    fn identity()(
        number in proptest::option::of(proptest::sample::select(vec!["9990000018", "4505577104"])),
        surname in name(),
        forenames in name(),
        born in proptest::option::of(1_u32..4),
        died in proptest::option::of(4_u32..7),
        sex in proptest::option::of(proptest::sample::select(vec!["male", "female", "unknown"])),
        postcode in proptest::option::of(proptest::sample::select(vec!["ME1 1AA", "ZZ99 3VZ", "CT1 1AA"])),
        multiple_birth: bool,
        birth_order in proptest::option::of(1_i64..3),
    ) -> Identity {
        Identity {
            feed_number: None,
            nhs_number: number.map(str::to_owned),
            surname,
            forenames,
            date_of_birth: born.and_then(|day| NaiveDate::from_ymd_opt(2026, 3, day)),
            date_of_death: died.and_then(|day| NaiveDate::from_ymd_opt(2026, 3, day)),
            sex: sex.map(str::to_owned),
            postcode: postcode.map(str::to_owned),
            multiple_birth,
            birth_order,
        }
    }
}

proptest! {
    #[test]
    fn it_does_not_matter_which_is_first(a in identity(), b in identity()) {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a));
    }

    #[test]
    fn one_record_twice_with_a_number_is_certain(a in identity()) {
        let a = Identity { nhs_number: Some("9990000018".to_owned()), ..a };
        prop_assert_eq!(strength(&a, &a), Some(Strength::Certain));
    }

    #[test]
    fn one_number_is_certain_but_for_a_multiple_birth(a in identity(), b in identity()) {
        let one_of_one = |identity| Identity {
            nhs_number: Some("9990000018".to_owned()),
            multiple_birth: false,
            birth_order: None,
            ..identity
        };
        let (a, b) = (one_of_one(a), one_of_one(b));
        prop_assert_eq!(strength(&a, &b), Some(Strength::Certain));
    }

    #[test]
    fn twins_are_never_certain(a in identity(), order in 1_i64..3) {
        prop_assume!(a.date_of_birth.is_some() && !fold(&a.surname).is_empty());
        let one = Identity { multiple_birth: true, birth_order: Some(order), ..a };
        let two = Identity { birth_order: Some(order + 1), ..one.clone() };
        prop_assert_ne!(strength(&one, &two), Some(Strength::Certain));
    }

    #[test]
    fn a_match_says_why(a in identity(), b in identity()) {
        if let Some(found) = compare(&a, &b) {
            prop_assert!(!found.reasons.is_empty());
        }
    }

    #[test]
    fn any_text_is_a_name(surname in ".{0,20}", forenames in ".{0,20}") {
        let a = Identity { surname, forenames, ..alba() };
        prop_assert_eq!(compare(&a, &alba()), compare(&alba(), &a));
    }
}
