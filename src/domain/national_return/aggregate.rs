//! `lscb1_aggregate.csv`: counts by breakdown and modifiability, kept as they are counted so that
//! memory depends on the code lists alone.

use std::collections::BTreeMap;
use std::io;

use super::layout::{File, Layout};
use super::order::{Extent, Order, finalised_on};
use super::sheet::Sheet;
use super::suppression::{Line, withheld};
use super::view::View;
use super::view::derived::financial_year;

/// Where the value is blank.
const NOT_RECORDED: &str = "not_recorded";

/// What is counted, in the order of list `measure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    Notifications,
    CompletedReviews,
    OpenReviews,
    ResidentDeathsElsewhere,
    LinkedSafeguardingReviews,
}

impl Measure {
    const ALL: [Measure; 5] = [
        Measure::Notifications,
        Measure::CompletedReviews,
        Measure::OpenReviews,
        Measure::ResidentDeathsElsewhere,
        Measure::LinkedSafeguardingReviews,
    ];

    fn code(self) -> &'static str {
        match self {
            Measure::Notifications => "notifications",
            Measure::CompletedReviews => "completed_reviews",
            Measure::OpenReviews => "open_reviews",
            Measure::ResidentDeathsElsewhere => "resident_deaths_elsewhere",
            Measure::LinkedSafeguardingReviews => "linked_safeguarding_reviews",
        }
    }

    /// Columns of `lscb1_child.csv`, beside the total.
    fn breakdowns(self) -> &'static [&'static str] {
        match self {
            Measure::Notifications => &["age_band", "sex", "ethnicity_group", "incident_type"],
            Measure::CompletedReviews => &[
                "age_band",
                "sex",
                "ethnicity_group",
                "category",
                "incident_type",
                "event_location",
                "cp_plan",
                "statutory_order",
                "asylum_seeker",
                "safeguarding_review",
                "months_death_to_review_band",
            ],
            Measure::OpenReviews => &["age_band", "review_duration_band"],
            Measure::ResidentDeathsElsewhere | Measure::LinkedSafeguardingReviews => &[],
        }
    }

    /// Only what is completed can be said to be modifiable or not.
    fn is_by_modifiability(self) -> bool {
        self == Measure::CompletedReviews
    }
}

/// The running counts of one return.
pub(super) struct Aggregate<'a> {
    layout: &'a Layout,
    tables: BTreeMap<(String, Measure), Vec<Grid>>,
}

/// One breakdown of one measure: a row a value, a column a modifiability. The first grid of a
/// measure is its total, with one row.
#[derive(Clone)]
struct Grid {
    breakdown: &'static str,
    values: Vec<String>,
    modifiability: Vec<String>,
    counts: Vec<Vec<u64>>,
}

impl Grid {
    fn add(&mut self, value: &str, modifiability: &str) {
        let row = place(&mut self.values, value);
        let column = place(&mut self.modifiability, modifiability);
        let width = self.modifiability.len();
        self.counts.resize(self.values.len(), Vec::new());
        self.counts.iter_mut().for_each(|row| row.resize(width, 0));
        if let Some(count) = self.counts.get_mut(row).and_then(|row| row.get_mut(column)) {
            *count += 1;
        }
    }
}

/// Where `value` stands; at the end when it was not expected.
fn place(values: &mut Vec<String>, value: &str) -> usize {
    if let Some(at) = values.iter().position(|held| held == value) {
        return at;
    }
    values.push(value.to_owned());
    values.len() - 1
}

impl<'a> Aggregate<'a> {
    pub(super) fn new(order: &Order, layout: &'a Layout) -> Aggregate<'a> {
        let mut aggregate = Aggregate {
            layout,
            tables: BTreeMap::new(),
        };
        // The year is there in full even when nothing was counted in it.
        if let Some(year) = financial_year(order.period.to) {
            for measure in Measure::ALL {
                aggregate.grids(&year, measure);
            }
        }
        aggregate
    }

    pub(super) fn add(&mut self, view: &View) {
        if view.extent == Extent::Tombstone {
            return;
        }
        let order = view.context.order;
        let end = financial_year(order.period.to).unwrap_or_default();
        let notified = view.notified_on();
        if order.period.holds(notified) {
            let year = financial_year(notified).unwrap_or_default();
            self.count(&year, Measure::Notifications, view);
            if view.resident_in_area() == Some(true) && view.died_out_of_area() == Some(true) {
                self.count(&year, Measure::ResidentDeathsElsewhere, view);
            }
        }
        if view.extent == Extent::Full {
            let year = finalised_on(view.case)
                .and_then(financial_year)
                .unwrap_or_default();
            self.count(&year, Measure::CompletedReviews, view);
            let review = self.value(view, "safeguarding_review");
            if is_linked(&review) {
                self.count(&year, Measure::LinkedSafeguardingReviews, view);
            }
        } else if view.case.transfer.is_none() {
            self.count(&end, Measure::OpenReviews, view);
        }
    }

    fn count(&mut self, year: &str, measure: Measure, view: &View) {
        let modifiability = if measure.is_by_modifiability() {
            self.value(view, "modifiability")
        } else {
            String::new()
        };
        let values: Vec<String> = measure
            .breakdowns()
            .iter()
            .map(|column| self.value(view, column))
            .collect();
        let Some((total, rest)) = self.grids(year, measure).split_first_mut() else {
            return;
        };
        total.add("", &modifiability);
        for (grid, value) in rest.iter_mut().zip(values) {
            grid.add(&value, &modifiability);
        }
    }

    /// What `lscb1_child.csv` says of the case in a column, or the age of an open case.
    fn value(&self, view: &View, column: &str) -> String {
        let mut value = String::new();
        if column == "review_duration_band" {
            value.push_str(
                view.duration_band(view.context.order.period.to)
                    .unwrap_or_default(),
            );
        } else if let Some(column) = self.layout.column(File::Lscb1Child, column) {
            view.fill(column, &mut value);
        }
        if value.is_empty() {
            NOT_RECORDED.to_owned()
        } else {
            value
        }
    }

    fn grids(&mut self, year: &str, measure: Measure) -> &mut Vec<Grid> {
        let layout = self.layout;
        self.tables
            .entry((year.to_owned(), measure))
            .or_insert_with(|| {
                let modifiability = if measure.is_by_modifiability() {
                    expected(layout, "modifiability")
                } else {
                    vec![String::new()]
                };
                let breakdowns =
                    std::iter::once("total").chain(measure.breakdowns().iter().copied());
                let grid = |breakdown| {
                    let values = match breakdown {
                        "total" => vec![String::new()],
                        "review_duration_band" => expected(layout, "months_death_to_review_band"),
                        _ => expected(layout, breakdown),
                    };
                    let counts = vec![vec![0; modifiability.len()]; values.len()];
                    Grid {
                        breakdown,
                        values,
                        modifiability: modifiability.clone(),
                        counts,
                    }
                };
                breakdowns.map(grid).collect()
            })
    }

    /// Writes the counts; the copy for publication with small numbers withheld.
    pub(super) fn write(&self, order: &Order, sheet: &mut Sheet) -> io::Result<()> {
        let (cells, lines) = self.cells();
        let counts: Vec<u64> = cells.iter().map(|cell| cell.count).collect();
        let held = if order.published {
            withheld(&counts, &lines)
        } else {
            vec![false; cells.len()]
        };
        for (cell, held) in cells.iter().zip(held) {
            sheet.value(cell.year)?;
            sheet.value(&order.cdop)?;
            sheet.value(cell.measure.code())?;
            sheet.value(cell.breakdown)?;
            sheet.value(cell.value)?;
            sheet.value(cell.modifiability)?;
            sheet.maybe((!held).then_some(cell.count))?;
            sheet.show(held)?;
            sheet.end()?;
        }
        Ok(())
    }

    /// Every number that is published, in order, and the sums that tie them together.
    fn cells(&self) -> (Vec<Cell<'_>>, Vec<Line>) {
        let mut cells = Vec::new();
        let mut lines = Vec::new();
        for ((year, measure), grids) in &self.tables {
            let mut totals: Vec<usize> = Vec::new();
            for grid in grids {
                let rows = grid_cells(year, *measure, grid, &mut cells, &mut lines);
                if totals.is_empty() {
                    totals = rows.into_iter().flatten().collect();
                    continue;
                }
                for (at, total) in totals.iter().enumerate() {
                    let parts = rows.iter().filter_map(|row| row.get(at).copied()).collect();
                    lines.push(Line {
                        total: *total,
                        parts,
                    });
                }
            }
        }
        for (year, _) in self
            .tables
            .keys()
            .filter(|(_, m)| *m == Measure::LinkedSafeguardingReviews)
        {
            lines.extend(linked(year, &cells));
        }
        (cells, lines)
    }
}

/// The linked reviews are counted twice over: as a measure, and in a breakdown of the completed.
fn linked(year: &str, cells: &[Cell]) -> Option<Line> {
    let is_total = |cell: &Cell| cell.measure == Measure::LinkedSafeguardingReviews;
    let is_part = |cell: &Cell| {
        cell.breakdown == "safeguarding_review"
            && cell.modifiability.is_empty()
            && is_linked(cell.value)
    };
    let here = || {
        cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| cell.year == year)
    };
    let (total, _) = here().find(|(_, cell)| is_total(cell))?;
    let parts = here()
        .filter(|(_, cell)| is_part(cell))
        .map(|(at, _)| at)
        .collect();
    Some(Line { total, parts })
}

/// A code of the safeguarding review's list that says there is or was one.
fn is_linked(review: &str) -> bool {
    matches!(review, "rapid" | "lcspr" | "published")
}

/// One number with its place in the table.
struct Cell<'a> {
    year: &'a str,
    measure: Measure,
    breakdown: &'a str,
    value: &'a str,
    modifiability: &'a str,
    count: u64,
}

/// Adds a grid's cells, for each row the sum of all first; returns their places row by row.
fn grid_cells<'a>(
    year: &'a str,
    measure: Measure,
    grid: &'a Grid,
    cells: &mut Vec<Cell<'a>>,
    lines: &mut Vec<Line>,
) -> Vec<Vec<usize>> {
    let mut rows = Vec::new();
    for (value, counts) in grid.values.iter().zip(&grid.counts) {
        let start = cells.len();
        let cell = |modifiability, count| Cell {
            year,
            measure,
            breakdown: grid.breakdown,
            value,
            modifiability,
            count,
        };
        cells.push(cell("", counts.iter().sum()));
        if measure.is_by_modifiability() {
            let each = grid.modifiability.iter().zip(counts);
            cells.extend(each.map(|(modifiability, count)| cell(modifiability, *count)));
        }
        let row: Vec<usize> = (start..cells.len()).collect();
        if row.len() > 1 {
            lines.push(Line {
                total: start,
                parts: (start + 1..cells.len()).collect(),
            });
        }
        rows.push(row);
    }
    rows
}

/// The values a column may hold, with blank last.
fn expected(layout: &Layout, column: &str) -> Vec<String> {
    let codes = layout
        .column(File::Lscb1Child, column)
        .map_or(&[][..], |column| &column.values);
    codes
        .iter()
        .cloned()
        .chain([NOT_RECORDED.to_owned()])
        .collect()
}
