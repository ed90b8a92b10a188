use chrono::NaiveDate;
use proptest::prelude::*;

use super::rules::Files;
use super::*;
use crate::domain::sample;

fn rules() -> Rules {
    let files = Files {
        patterns: include_str!("../../../fixtures/redaction/patterns.csv"),
        becomes: include_str!("../../../fixtures/redaction/becomes.csv"),
        ordinary: include_str!("../../../fixtures/redaction/ordinary.txt"),
        given: include_str!("../../../fixtures/redaction/given_names.txt"),
        general: include_str!("../../../fixtures/redaction/general.txt"),
        roles: include_str!("../../../fixtures/redaction/roles.txt"),
        also_words: include_str!("../../../fixtures/redaction/also_words.txt"),
        english: include_str!("../../../fixtures/redaction/english.txt"),
    };
    let library = sample::library();
    Rules::load(library.current(), &files).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn known(rules: &Rules) -> Known {
    let mut known = Known::default();
    known.add(rules, What::Name, "Samplechild Testfamily", "the child");
    known.add(rules, What::Name, "Sammy", "the child");
    known.add(rules, What::Name, "Exemplara Testfamily", "the mother");
    known.add(
        rules,
        What::Name,
        "Dr Fictitia Placeholder",
        "a professional",
    );
    known.add(rules, What::Name, "Hope Hill", "a sibling");
    let role = "Zyxwv Designated doctor for child deaths";
    known.add(rules, What::Name, role, "a professional");
    known.add(
        rules,
        What::Name,
        "Duty team before discharge",
        "a professional",
    );
    let school = "Imaginary Fields Primary School";
    known.add(rules, What::Place, school, "the school or nursery");
    known.add(
        rules,
        What::Address,
        "12 Nowhere Lane, Sampleton",
        "the home address",
    );
    known.add(rules, What::NhsNumber, "9434765919", "an NHS number");
    let telephone = "07700 900417, after six";
    known.add(rules, What::Telephone, telephone, "a telephone number");
    known
}

fn died() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 3, 10)
}

fn left(text: &str) -> String {
    let rules = rules();
    let found = find(&rules, &known(&rules), text, died());
    without(text, &found)
}

#[test]
fn what_the_record_knows_is_found_however_it_is_written() {
    for (text, becomes) in [
        ("Samplechild was well.", "[the child] was well."),
        ("SAMPLECHILD TESTFAMILY’s cot", "[the child]’s cot"),
        ("when sammy woke", "when [the child] woke"),
        ("Samplchild woke", "[the child] woke"),
        ("Sampelchild woke", "[the child] woke"),
        ("Exemplarra called", "[the mother] called"),
        ("exemplar a called", "[the mother] called"),
        ("Sample-child woke", "[the child] woke"),
        ("seen by Dr Placeholder", "seen by [a professional]"),
        (
            "fictitia.placeholder told",
            "[a professional].[a professional] told",
        ),
        ("from ST and S.T.", "from [the child] and [the child]"),
        (
            "she goes to Imaginary Fields",
            "she goes to [the school or nursery]",
        ),
        ("Imaginary Feilds Primary School", "[the school or nursery]"),
        ("at 12 Nowhere Lane", "at [the home address]"),
        ("I hope that Hope saw it", "I hope that [a sibling] saw it"),
        ("in Sampleton today", "in [the home address] today"),
    ] {
        assert_eq!(left(text), becomes, "{text}");
    }
}

#[test]
fn patterns_find_what_the_record_does_not_know() {
    for (text, becomes) in [
        ("number 999 012 3456 given", "number [an NHS number] given"),
        ("9990123456", "[an NHS number]"),
        ("999-012-3456", "[an NHS number]"),
        ("999 0123456", "[an NHS number]"),
        (
            "rang 01622 000 000 twice",
            "rang [a telephone number] twice",
        ),
        ("+44 7700 900123", "[a telephone number]"),
        (
            "mail a.sample@example.org now",
            "mail [an e-mail address] now",
        ),
        (
            "number 999  012  3456 given",
            "number [an NHS number] given",
        ),
        ("999\n012\r\n3456", "[an NHS number]"),
        ("999\u{2009}012\u{2009}3456", "[an NHS number]"),
        ("999\u{202f}012\u{200b}3456", "[an NHS number]"),
        ("999 – 012 – 3456", "[an NHS number]"),
        (
            "rang 01622  000\u{2009}000 twice",
            "rang [a telephone number] twice",
        ),
        (
            "rang 07700\n900456\n3 times",
            "rang [a telephone number]\n3 times",
        ),
        (
            "+44\u{202f}7700\u{202f}900\u{202f}123",
            "[a telephone number]",
        ),
        ("lives in ME99\n9ZZ.", "lives in [a postcode]."),
        (
            "on 26\u{2009}February\u{2009}2026 she",
            "on [12 days before the death] she",
        ),
        ("lives in ME99 9ZZ.", "lives in [a postcode]."),
        ("lives in me999zz.", "lives in [a postcode]."),
        (
            "on 26 February 2026 she",
            "on [12 days before the death] she",
        ),
        ("on 26/02/2026 she", "on [12 days before the death] she"),
        ("on 2026-03-10 she", "on [the day of the death] she"),
        ("on the 3rd of March she", "on the [a date] she"),
        ("since Tuesday", "since [a day of the week]"),
        ("on Christmas Day", "on [a holiday]"),
        ("see KM-2026-0001", "see [a reference]"),
        (
            "a friend called Zaphod came",
            "a friend called [a name] came",
        ),
        ("Olivia came too.", "[a name] came too."),
        ("at St Elsewhere’s Hospital", "at [an institution]"),
        (
            "9434 765 919 and 99 901 234 56",
            "[an NHS number] and [an NHS number]",
        ),
        ("+44 (0)7700 900 123", "[a telephone number]"),
        (
            "on 2026/02/26 and 26 02 2026",
            "on [12 days before the death] and [12 days before the death]",
        ),
        ("born 12/05/88", "born [about 38 years before the death]"),
        (
            "on 14/3, in March, 14Mar26",
            "on [a date], [in a month], [a date]",
        ),
        ("aged 3 years 2 months, at 14:05", "[an age], at [a time]"),
        ("handed to R. Whittlesea", "handed to R. [a name]"),
        (
            "Teacher: Whittlesea\nWhittlesea called",
            "Teacher: [a name]\n[a name] called",
        ),
        ("Oluwole, uncle", "[a name], uncle"),
        ("Karen WHITTLESEA and Jo Ng", "[a name] and [a name]"),
        ("karen said", "[a name] said"),
        ("Sia\u{302}n came", "[a name] came"),
        ("PC 12345 attended", "[a reference] attended"),
    ] {
        assert_eq!(left(text), becomes, "{text}");
    }
}

#[test]
fn a_number_that_the_record_knows_is_found_by_its_digits() {
    for (text, becomes) in [
        ("(943) 476, 5919", "([an NHS number]"),
        ("943_476_5919", "[an NHS number]"),
        ("943 / 476 / 5919", "[an NHS number]"),
        ("call 7700 / 900 / 417", "call [a telephone number]"),
        ("call 07700/900/417", "call [a telephone number]"),
        ("943 and 476 and 5919", "943 and 476 and 5919"),
    ] {
        assert_eq!(left(text), becomes, "{text}");
    }
}

#[test]
fn exact_ages_spoken_days_vehicles_and_addresses_of_the_web_are_found() {
    for (text, becomes) in [
        ("an 11-week-old girl", "an [an age] girl"),
        ("he was 6 months old then", "he was [an age] then"),
        ("at 14 days old", "at [an age]"),
        ("her five-year-old brother", "her [an age] brother"),
        ("aged eleven months", "[an age]"),
        ("aged about 3 months", "[an age]"),
        ("aged 11 weeks and two days", "[an age]"),
        ("at 11 weeks of age", "at [an age]"),
        ("a 2yo and a 3 yr old", "a [an age] and a [an age]"),
        ("11/52 old", "[an age]"),
        ("on day three of life", "on [an age]"),
        ("near her third birthday", "near her [a birthday]"),
        (
            "on the third of March and the twelfth of May 2026",
            "on the [a date] and the [a date]",
        ),
        ("March the 3rd, May first", "[a date], [a date]"),
        ("at the end of May", "at the end [in a month]"),
        (
            "P123 ABC, ABC 123K, gk19 abc",
            "[a vehicle’s number], [a vehicle’s number], [a vehicle’s number]",
        ),
        ("lives in SE10 9", "lives in [part of a postcode]"),
        ("see facebook.com/zara.q now", "see [a web address] now"),
        ("on zara-sample.co.uk", "on [a web address]"),
    ] {
        assert_eq!(left(text), becomes, "{text}");
    }
}

#[test]
fn initials_of_half_a_double_name_and_of_a_nickname_are_known() {
    let rules = rules();
    let mut known = Known::default();
    known.add(&rules, What::Name, "Amelia Quill-Feather", "the child");
    known.add(&rules, What::Name, "Zazie", "the child");
    known.add(&rules, What::Name, "Rex Vane", "a professional");
    known.add(&rules, What::Name, "Ulla", "a professional");
    let left = |text: &str| without(text, &find(&rules, &known, text, None));
    for initials in ["AQF", "AF", "AQ", "A.Q.", "ZQ", "Z F", "QZ"] {
        let text = format!("seen with {initials} at home");
        let gone = left(&text);
        assert!(gone.contains("[the child]"), "{initials}: {gone}");
    }
    assert_eq!(left("seen with UV at home"), "seen with UV at home");
}

#[test]
fn ordinary_words_stay() {
    for text in [
        "The baby was cold. The mother called 999 and began resuscitation at once.",
        "Apgar scores were 3 at 1 minute and 5 at 5 minutes; birth weight 3,200 g.",
        "The health visitor saw mother and baby at home on 4 occasions.",
        "Will be reviewed. It may be that the GP saw him twice in the last 6 weeks.",
        "The death was expected. The worked plan went well before palliative care began.",
        "She was given Calpol, and had Down syndrome.",
        "She may have been first seen after 36 weeks, on 2 days a week, at 24/40 gestation.",
        "A second march was held. The old house, i.e. the annexe and/or the garden.",
    ] {
        assert_eq!(left(text), text);
    }
}

#[test]
fn days_are_told_from_the_day_of_the_death() {
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default();
    let at = day(2026, 3, 10);
    for (of, words) in [
        (day(2026, 3, 10), "the day of the death"),
        (day(2026, 3, 9), "1 day before the death"),
        (day(2026, 3, 12), "2 days after the death"),
        (day(2025, 10, 10), "about 5 months before the death"),
        (day(2019, 3, 10), "about 7 years before the death"),
    ] {
        assert_eq!(offset(of, at), words);
    }
}

#[test]
fn words_stand_in_a_text_in_whatever_case() {
    assert!(stands_in(
        "It was SAMPLECHILD testfamily.",
        "Samplechild Testfamily"
    ));
    assert!(!stands_in("Samplechildren were there", "Samplechild"));
    assert!(!stands_in("anything", "  "));
}

proptest! {
    /// Whatever is written around it, a known name does not stay, and nothing but what was found changes.
    #[test]
    fn a_known_name_never_stays(before in "[a-zé .,\n]{0,30}", after in "[a-z0-9 .,!\n]{0,30}") {
        let rules = rules_once();
        let known = known(rules);
        let text = format!("{before} Samplechild {after}");
        let found = find(rules, &known, &text, died());
        let gone = without(&text, &found);
        prop_assert!(!stands_in(&gone, "Samplechild"));
        prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
        prop_assert!(found.iter().all(|f| text.is_char_boundary(f.start) && text.is_char_boundary(f.end)));
        prop_assert!(find(rules, &known, &gone, died()).iter().all(|f| f.what != What::Name));
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,80}") {
        let rules = rules_once();
        let found = find(rules, &known(rules), &text, died());
        let _ = without(&text, &found);
    }
}

fn rules_once() -> &'static Rules {
    static ONCE: std::sync::OnceLock<Rules> = std::sync::OnceLock::new();
    ONCE.get_or_init(rules)
}

#[test]
fn what_gives_a_family_away_is_no_town_no_ordinary_word_and_no_month() {
    let rules = rules();
    let mut known = Known::default();
    known.add(&rules, What::Name, "May Testfamily", "the child");
    let home = "12 Nowhere Lane, Tunbridge Wells, ME99 9ZZ";
    known.add(&rules, What::Address, home, "an address");
    let telephone = "07700 900417 / 01632 960001, mornings";
    known.add(&rules, What::Telephone, telephone, "a contact");
    for (text, told) in [
        ("Town Hall, Tunbridge Wells", None),
        ("It will be reviewed in May 2026.", None),
        ("May we meet again.", None),
        ("Please call in the mornings.", None),
        ("Meet at 12 Nowhere Lane.", Some(What::Address)),
        ("Meet in Nowhere Lane.", Some(What::Address)),
        ("Somewhere in ME999ZZ.", Some(What::Postcode)),
        ("What we know of May is little.", Some(What::Name)),
        ("The Testfamily home.", Some(What::Name)),
        ("Ring 07700  900417.", Some(What::Telephone)),
        ("Ring 01632 960001.", Some(What::Telephone)),
    ] {
        let found = gives_away(&rules, &known, text);
        assert_eq!(
            found.contains(&told.unwrap_or(What::Added)),
            told.is_some(),
            "{text}: {found:?}"
        );
        assert_eq!(found.is_empty(), told.is_none(), "{text}: {found:?}");
    }
}
