//! Withholding small numbers from a published table, and enough others that they cannot be worked
//! out again from its totals.

/// Counts from 1 to this are withheld.
const SMALL: u64 = 4;

/// A sum and what it is the sum of, as places among the counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) total: usize,
    pub(super) parts: Vec<usize>,
}

/// Which of `counts` are withheld. No line may be left with a single withheld cell, which the rest
/// would give away, nor with withheld parts that their sum shows to be all 1.
pub(super) fn withheld(counts: &[u64], lines: &[Line]) -> Vec<bool> {
    let mut held: Vec<bool> = counts
        .iter()
        .map(|count| (1..=SMALL).contains(count))
        .collect();
    loop {
        let next = lines.iter().find_map(|line| weakest(line, counts, &held));
        match next.and_then(|at| held.get_mut(at)) {
            Some(cell) => *cell = true,
            None => return held,
        }
    }
}

/// The cell to withhold next for the sake of one line: the smallest that shows a child, else one
/// that shows none. Nothing when the line is safe, or has no cell left to give.
fn weakest(line: &Line, counts: &[u64], held: &[bool]) -> Option<usize> {
    let count = |at: usize| counts.get(at).copied().unwrap_or_default();
    let is_held = |at: usize| held.get(at).copied().unwrap_or_default();
    let hidden: Vec<usize> = line
        .parts
        .iter()
        .copied()
        .filter(|at| is_held(*at))
        .collect();
    let sum: u64 = hidden.iter().map(|at| count(*at)).sum();
    let is_safe = match (is_held(line.total), hidden.len()) {
        (total, 0) => !total,
        (true, _) => true,
        (false, 1) => false,
        (false, number) => sum > number as u64,
    };
    if is_safe {
        return None;
    }
    let cells = line.parts.iter().copied().chain([line.total]);
    cells
        .filter(|at| !is_held(*at))
        .min_by_key(|at| (count(*at) == 0, count(*at)))
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
            ([1, 1, 0, 2], [true, true, false, true]),
            ([2, 0, 0, 2], [true, false, false, true]),
            ([4, 4, 8, 16], [true, true, false, false]),
        ] {
            let line = Line {
                total: 3,
                parts: vec![0, 1, 2],
            };
            assert_eq!(withheld(&counts, &[line]), expected, "{counts:?}");
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
                lines.push(Line { total: start + 3, parts: (start..start + 3).collect() });
            }
            for column in 0..4 {
                counts.push((0..rows).map(|row| counts[row * 4 + column]).sum());
                let parts = (0..rows).map(|row| row * 4 + column).collect();
                lines.push(Line { total: rows * 4 + column, parts });
            }
            lines.push(Line { total: rows * 4 + 3, parts: (rows * 4..rows * 4 + 3).collect() });
            let held = withheld(&counts, &lines);
            for (count, held) in counts.iter().zip(&held) {
                prop_assert!(*held || !(1..=SMALL).contains(count));
            }
            for line in &lines {
                let cells = line.parts.iter().chain([&line.total]);
                prop_assert!(cells.filter(|at| held[**at]).count() != 1);
            }
        }
    }
}
