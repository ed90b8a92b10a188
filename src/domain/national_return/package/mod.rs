//! The package: each file in its own pass over the cases, then the manifest and the description.

mod descriptor;
mod folder;
mod source;
mod zip;

use std::io::{self, Write};
use std::path::Path;

use super::aggregate::Aggregate;
use super::case::ReturnCase;
use super::check::{Issue, issues, left_out, severity};
use super::layout::{File, Layout, SCHEMA_VERSION};
use super::order::{Extent, Order, extent};
use super::policy::{Policy, Verified};
use super::rows;
use super::sheet::Sheet;
use super::view::{Context, View};
use crate::domain::form::Library;
use folder::Folder;
pub use source::{Forms, Needs, Source};
use zip::Zip;

/// Writes returns. Built once for a library, a layout and a set of verified fields.
#[derive(Debug)]
pub struct Exporter<'a> {
    library: &'a Library,
    layout: &'a Layout,
    policy: Policy<'a>,
}

/// What was written: the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// As the package is called.
    pub file_name: String,
    /// Cases with a row in the first file that has one a case; 0 in an annual report.
    pub cases: u64,
    pub files: Vec<Part>,
}

/// One file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub file: File,
    /// Without the header.
    pub rows: u64,
    pub bytes: u64,
    /// In lower-case hexadecimal.
    pub sha256: String,
}

/// Where files go, one after another.
trait Shelf {
    /// Opens the next file; it closes the one before.
    fn open(&mut self, name: &str, may_be_large: bool) -> io::Result<&mut dyn Write>;
}

impl<'a> Exporter<'a> {
    pub fn new(library: &'a Library, layout: &'a Layout, verified: &Verified) -> Exporter<'a> {
        Exporter {
            library,
            layout,
            policy: Policy::new(library, verified),
        }
    }

    /// Streams the package as a ZIP file. `out` need not seek; the first bytes go at once.
    ///
    /// # Errors
    /// Whatever the source or `out` reports. What was written till then is no whole ZIP file.
    pub fn zip(
        &self,
        order: &Order,
        source: &mut dyn Source,
        out: impl Write,
    ) -> io::Result<Summary> {
        let mut zip = Zip::new(out, order.stamp);
        let written = self.write(order, source, &mut zip);
        zip.close(written)
    }

    /// Writes the package's files into a directory that is there.
    ///
    /// # Errors
    /// Whatever the source or the file system reports.
    pub fn folder(
        &self,
        order: &Order,
        source: &mut dyn Source,
        directory: &Path,
    ) -> io::Result<Summary> {
        let mut folder = Folder::new(directory);
        let summary = self.write(order, source, &mut folder)?;
        folder.close()?;
        Ok(summary)
    }

    /// Tells `f` of everything the receiver would refuse or ask about.
    ///
    /// # Errors
    /// Whatever the source or `f` reports.
    pub fn check(
        &self,
        order: &Order,
        source: &mut dyn Source,
        f: &mut dyn FnMut(Issue) -> io::Result<()>,
    ) -> io::Result<()> {
        let context = self.context(order);
        let needs = Needs::of(File::Issue, order, self.layout);
        source.each(&needs, &mut |case| {
            issues_of(context, case).into_iter().try_for_each(&mut *f)
        })
    }

    /// What the receiver would refuse of one case in a return; empty when it does not belong there.
    pub fn refusals(&self, order: &Order, case: &ReturnCase) -> Vec<Issue> {
        issues_of(self.context(order), case)
    }

    fn context<'c>(&'c self, order: &'c Order) -> Context<'c> {
        Context {
            order,
            layout: self.layout,
            policy: &self.policy,
        }
    }

    fn write(
        &self,
        order: &Order,
        source: &mut dyn Source,
        onto: &mut dyn Shelf,
    ) -> io::Result<Summary> {
        let mut parts: Vec<Part> = Vec::new();
        for file in order.kind.files() {
            let out = onto.open(file.name(), *file == File::Answer)?;
            let mut sheet = Sheet::start(out, self.layout.columns(*file), order.spreadsheet)?;
            if parts.is_empty() {
                sheet.flush()?;
            }
            match file {
                File::Manifest => self.manifest(order, &parts, &mut sheet)?,
                _ => self.fill(order, *file, source, &mut sheet)?,
            }
            let sum = sheet.finish()?;
            parts.push(Part {
                file: *file,
                rows: sum.rows,
                bytes: sum.bytes,
                sha256: sum.sha256,
            });
        }
        let out = onto.open(descriptor::NAME, false)?;
        descriptor::write(
            order,
            self.layout,
            &self.library.current().version,
            &parts,
            out,
        )?;
        let cases = parts
            .iter()
            .find(|part| part.file == File::Case)
            .map_or(0, |part| part.rows);
        Ok(Summary {
            file_name: order.file_name(),
            cases,
            files: parts,
        })
    }

    fn fill(
        &self,
        order: &Order,
        file: File,
        source: &mut dyn Source,
        sheet: &mut Sheet,
    ) -> io::Result<()> {
        let context = self.context(order);
        let needs = Needs::of(file, order, self.layout);
        match file {
            File::CodeList => rows::code_list::write(self.library.current(), self.layout, sheet),
            File::Lscb1Aggregate => {
                let mut aggregate = Aggregate::new(order, self.layout);
                source.each(&needs, &mut |case| {
                    if let Some(extent) = extent(order, case) {
                        aggregate.add(&View::new(context, case, extent));
                    }
                    Ok(())
                })?;
                aggregate.write(order, sheet)
            }
            File::Issue => source.each(&needs, &mut |case| {
                issues_of(context, case)
                    .iter()
                    .try_for_each(|issue| write_issue(issue, sheet))
            }),
            _ => {
                let mut writer = CaseRows::default();
                source.each(&needs, &mut |case| match extent(order, case) {
                    Some(extent) => writer.write(file, &View::new(context, case, extent), sheet),
                    None => Ok(()),
                })
            }
        }
    }

    fn manifest(&self, order: &Order, parts: &[Part], sheet: &mut Sheet) -> io::Result<()> {
        for part in parts {
            sheet.value(part.file.name())?;
            sheet.value(SCHEMA_VERSION)?;
            sheet.value(&self.library.current().version)?;
            sheet.show(part.rows)?;
            sheet.value(&part.sha256)?;
            sheet.show(format_args!("{}/{}", order.period.from, order.period.to))?;
            sheet.value(if order.is_pseudonymised() {
                "pseudonymised"
            } else {
                "identified"
            })?;
            sheet.text(&order.created_by)?;
            sheet.end()?;
        }
        Ok(())
    }
}

/// The row functions of files that have rows per case, with what they keep from row to row.
#[derive(Default)]
struct CaseRows {
    cell: String,
    answer: rows::answer::Scratch,
}

impl CaseRows {
    fn write(&mut self, file: File, view: &View, sheet: &mut Sheet) -> io::Result<()> {
        match file {
            File::Case => rows::driven(file, view, sheet, &mut self.cell),
            File::Lscb1Child if view.extent == Extent::Full => {
                rows::driven(file, view, sheet, &mut self.cell)
            }
            File::Person => rows::person::write(view, sheet, &mut self.cell),
            File::Event => rows::event::write(view, sheet),
            File::Answer => rows::answer::write(view, sheet, &mut self.answer),
            File::Factor => rows::factor::write(view, sheet),
            File::Category => rows::category::write(view, sheet),
            File::LearningAction => rows::learning_action::write(view, sheet),
            File::Timeline => rows::timeline::write(view, sheet),
            File::Lscb1Child
            | File::Lscb1Aggregate
            | File::CodeList
            | File::Issue
            | File::Manifest => Ok(()),
        }
    }
}

fn issues_of(context: Context, case: &ReturnCase) -> Vec<Issue> {
    match extent(context.order, case) {
        Some(extent) => issues(&View::new(context, case, extent)),
        None => left_out(&View::new(context, case, Extent::Tombstone))
            .into_iter()
            .collect(),
    }
}

fn write_issue(issue: &Issue, sheet: &mut Sheet) -> io::Result<()> {
    sheet.value(issue.rule_id)?;
    sheet.value(severity(issue.severity))?;
    sheet.value(&issue.case_id)?;
    sheet.value(issue.file)?;
    sheet.value(&issue.field)?;
    sheet.text(&issue.message)?;
    sheet.end()
}
