//! Which cases went out in a package, at which version and as what, kept small: a caseload's worth of them is
//! held until the package is whole. Must not know how they are stored.

use uuid::Uuid;

use crate::domain::national_return::Extent;
use crate::store::returns::Line;

/// Lines written in one statement.
const BATCH: usize = 500;

/// What a case went out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    Notification,
    Final,
    Correction,
    Withdrawal,
}

impl Submission {
    /// What a case goes out as, by how much of it goes out.
    pub fn of(extent: Extent, corrects_a_final: bool) -> Self {
        match extent {
            Extent::Tombstone => Self::Withdrawal,
            Extent::Notification => Self::Notification,
            Extent::Full if corrects_a_final => Self::Correction,
            Extent::Full => Self::Final,
        }
    }

    /// The code in the ledger.
    pub fn code(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Final => "final",
            Self::Correction => "correction",
            Self::Withdrawal => "withdrawal",
        }
    }
}

/// The cases of one package. Ids are UUIDs, held as their 16 bytes; any other id is held as it is.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// In pieces of one batch: one long list would be copied each time it grows.
    packed: Vec<Vec<(Uuid, u32, Submission)>>,
    odd: Vec<(String, u32, Submission)>,
}

impl Lines {
    pub fn push(&mut self, id: &str, version: u32, submission: Submission) {
        match Uuid::parse_str(id) {
            Ok(uuid) if uuid.to_string() == id => self.pack((uuid, version, submission)),
            _ => self.odd.push((id.to_owned(), version, submission)),
        }
    }

    fn pack(&mut self, line: (Uuid, u32, Submission)) {
        match self.packed.last_mut() {
            Some(last) if last.len() < BATCH => last.push(line),
            _ => {
                let mut next = Vec::with_capacity(BATCH);
                next.push(line);
                self.packed.push(next);
            }
        }
    }

    /// How many cases went out.
    pub fn count(&self) -> usize {
        self.packed.iter().map(Vec::len).sum::<usize>() + self.odd.len()
    }

    /// The lines as the ledger keeps them, some hundreds at a time.
    pub fn batches<E>(
        &self,
        ledger_id: &str,
        mut f: impl FnMut(&[Line]) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = |id: String, version: u32, submission: Submission| Line {
            ledger_id: ledger_id.to_owned(),
            case_id: id,
            version: i32::try_from(version).unwrap_or(i32::MAX),
            submission: submission.code().to_owned(),
        };
        for some in &self.packed {
            let lines: Vec<Line> = some
                .iter()
                .map(|(id, v, s)| line(id.to_string(), *v, *s))
                .collect();
            f(&lines)?;
        }
        for some in self.odd.chunks(BATCH) {
            let lines: Vec<Line> = some
                .iter()
                .map(|(id, v, s)| line(id.clone(), *v, *s))
                .collect();
            f(&lines)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_out_as_they_went_in_whatever_their_shape() {
        let ids = [
            "0198c2a0-0000-7000-8000-000000000001",
            "0198C2A0-0000-7000-8000-000000000002",
            "case-3",
        ];
        let mut lines = Lines::default();
        for id in ids {
            lines.push(id, 2, Submission::Final);
        }
        let mut found = Vec::new();
        lines
            .batches("ledger", |some| {
                found.extend(some.iter().map(|l| l.case_id.clone()));
                Ok::<(), ()>(())
            })
            .unwrap();
        assert_eq!(found, ids);
        assert_eq!(lines.count(), 3);
    }
}
