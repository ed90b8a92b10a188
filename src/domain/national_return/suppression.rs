//! Withholding small numbers from a published table, and enough others that they cannot be worked
//! out again from its totals.

/// Counts from 1 to this are withheld.
const SMALL: u64 = 4;

/// Which of `counts` are withheld. A line is a set of cells of which one is the sum of the rest;
/// none may be left with a single withheld cell, or with withheld cells that can only all be 1.
pub(super) fn withheld(counts: &[u64], lines: &[Vec<usize>]) -> Vec<bool> {
    let mut held: Vec<bool> = counts.iter().map(|count| (1..=SMALL).contains(count)).collect();
    loop {
        let next = lines.iter().find_map(|line| weakest(line, counts, &held));
        match next.and_then(|at| held.get_mut(at)) {
            Some(cell) => *cell = true,
            None => return held,
        }
    }
}

/// The cell to withhold next for the sake of one line: its smallest that shows a child, else one
/// that shows none. Nothing when the line is safe, or has no cell left to give.
fn weakest(line: &[usize], counts: &[u64], held: &[bool]) -> Option<usize> {
    let count = |at: usize| counts.get(at).copied().unwrap_or_default();
    let is_held = |at: usize| held.get(at).copied().unwrap_or_default();
    let number = line.iter().filter(|at| is_held(**at)).count() as u64;
    let sum: u64 = line.iter().filter(|at| is_held(**at)).map(|at| count(*at)).sum();
    if number == 0 || (number > 1 && sum > number) {
        return None;
    }
    line.iter().copied().filter(|at| !is_held(*at)).min_by_key(|at| (count(*at) == 0, count(*at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_total_does_not_give_a_small_number_away() {
        // Three values and their total.
        for (counts, expected) in [
            ([3, 20, 9, 32], [true, false, true, false]),
            ([0, 20, 9, 29], [false, false, false, false]),
            ([1, 1, 30, 32], [true, true, true, false]),
            ([2, 0, 0, 2], [true, false, false, true]),
            ([4, 4, 8, 16], [true, true, false, false]),
        ] {
            assert_eq!(withheld(&counts, &[vec![0, 1, 2, 3]]), expected, "{counts:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_keeps_a_lone_withheld_cell(
            inner in proptest::collection::vec(proptest::collection::vec(0_u64..30, 3), 2..6),
        ) {
            let rows = inner.len();
            let mut counts = Vec::new();
            let mut lines = Vec::new();
            for row in &inner {
                let start = counts.len();
                counts.extend(row);
                counts.push(row.iter().sum());
                lines.push((start..start + 4).collect::<Vec<_>>());
            }
            for column in 0..4 {
                counts.push((0..rows).map(|row| counts[row * 4 + column]).sum());
                lines.push((0..=rows).map(|row| row * 4 + column).collect());
            }
            lines.push((rows * 4..rows * 4 + 4).collect());
            let held = withheld(&counts, &lines);
            for (count, held) in counts.iter().zip(&held) {
                prop_assert!(*held || !(1..=SMALL).contains(count));
            }
            for line in &lines {
                prop_assert!(line.iter().filter(|at| held[**at]).count() != 1);
            }
        }
    }
}
