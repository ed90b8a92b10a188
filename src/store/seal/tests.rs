use proptest::prelude::*;

use super::*;

const ROW: &str = "0190-row";

fn ring() -> Keyring {
    Keyring::new(&[(1, [7; 32])], (2, [9; 32]), [3; 32], [5; 32])
}

fn places() -> impl Strategy<Value = (String, String, String)> {
    ("[a-z_]{0,12}", "[a-z_]{0,12}", "[a-z0-9-]{0,36}")
}

proptest! {
    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else(
        plain in any::<String>(), here in places(), there in places(),
    ) {
        let ring = ring();
        let sealed = ring.seal(&here.0, &here.1, &here.2, &plain);
        prop_assert!(sealed.starts_with("s1.2."));
        let opened = ring.open(&here.0, &here.1, &here.2, &sealed);
        prop_assert_eq!(opened.as_deref(), Ok(plain.as_str()));
        if here != there {
            prop_assert_eq!(ring.open(&there.0, &there.1, &there.2, &sealed), Err(Damaged));
        }
    }

    #[test]
    fn bytes_open_in_their_place(plain in any::<Vec<u8>>()) {
        let ring = ring();
        let sealed = ring.seal_bytes("t", "c", ROW, &plain);
        prop_assert_eq!(ring.open_bytes("t", "c", ROW, &sealed), Ok(plain));
        prop_assert_eq!(ring.open_bytes("t", "d", ROW, &sealed), Err(Damaged));
    }

    #[test]
    fn any_other_text_is_damaged(text in any::<String>()) {
        prop_assert_eq!(ring().open("t", "c", ROW, &text), Err(Damaged));
        prop_assert_eq!(ring().open("t", "c", ROW, &format!("s1.2.{text}")), Err(Damaged));
        prop_assert_eq!(ring().open_bytes("t", "c", ROW, text.as_bytes()), Err(Damaged));
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let ring = ring();
    let sealed = ring.seal("cases", "surname", ROW, "Zqname").into_bytes();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(text) = String::from_utf8(changed) {
            assert_eq!(ring.open("cases", "surname", ROW, &text), Err(Damaged));
        }
    }
    let sealed = ring.seal_bytes("documents", "part", ROW, b"Zqname");
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            ring.open_bytes("documents", "part", ROW, &changed),
            Err(Damaged)
        );
    }
}

#[test]
fn a_cut_or_longer_value_is_found() {
    let ring = ring();
    let sealed = ring.seal("t", "c", ROW, "Zqname");
    for end in 0..sealed.len() {
        assert_eq!(ring.open("t", "c", ROW, &sealed[..end]), Err(Damaged));
    }
    assert_eq!(
        ring.open("t", "c", ROW, &format!("{sealed}00")),
        Err(Damaged)
    );
}

#[test]
fn parts_of_a_place_do_not_run_into_each_other() {
    let ring = ring();
    let sealed = ring.seal("ab", "c", ROW, "x");
    assert_eq!(ring.open("a", "bc", ROW, &sealed), Err(Damaged));
}

#[test]
fn an_older_key_still_opens_and_a_missing_one_is_damaged() {
    let before = Keyring::new(&[], (1, [7; 32]), [3; 32], [5; 32]);
    let old = before.seal("t", "c", ROW, "Zqname");
    assert_eq!(ring().open("t", "c", ROW, &old).as_deref(), Ok("Zqname"));
    let new = ring().seal("t", "c", ROW, "Zqname");
    assert_eq!(before.open("t", "c", ROW, &new), Err(Damaged));
    // The version is bound too: it cannot be written over with one whose key is the same.
    let same = Keyring::new(&[(1, [7; 32])], (2, [7; 32]), [3; 32], [5; 32]);
    let moved = old.replacen("s1.1.", "s1.2.", 1);
    assert_eq!(same.open("t", "c", ROW, &moved), Err(Damaged));
}

#[test]
fn the_same_value_is_never_sealed_alike_and_always_indexed_alike() {
    let ring = ring();
    assert_ne!(ring.seal("t", "c", ROW, "x"), ring.seal("t", "c", ROW, "x"));
    let index = ring.blind("nhs_number", "9990000018");
    assert_eq!(index.len(), 32);
    assert_eq!(index, ring.blind("nhs_number", "9990000018"));
    assert_ne!(index, ring.blind("nhs_number", "9990000026"));
    assert_ne!(index, ring.blind("surname", "9990000018"));
    let other = Keyring::new(&[], (2, [9; 32]), [4; 32], [5; 32]);
    assert_ne!(index, other.blind("nhs_number", "9990000018"));
}

#[test]
fn a_ring_shows_no_key() {
    assert_eq!(format!("{:?}", ring()), "Keyring { .. }");
}
