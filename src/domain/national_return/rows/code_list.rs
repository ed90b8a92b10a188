//! `code_list.csv`: every code the package may hold, so that it can be read alone.

use std::io;

use crate::domain::form::Dictionary;
use crate::domain::national_return::layout::{Layout, SCHEMA_VERSION};
use crate::domain::national_return::policy::confidence;
use crate::domain::national_return::sheet::Sheet;

pub(in super::super) fn write(
    dictionary: &Dictionary,
    layout: &Layout,
    sheet: &mut Sheet,
) -> io::Result<()> {
    let mut lists: Vec<_> = dictionary.lists().collect();
    lists.sort_unstable_by_key(|(name, _)| *name);
    for (name, codes) in lists {
        for code in codes {
            sheet.value(name)?;
            sheet.value(&code.code)?;
            sheet.value(&code.label)?;
            sheet.value(code.parent.as_deref().unwrap_or_default())?;
            sheet.show(format_args!("forms {}", dictionary.version))?;
            sheet.value(confidence(code.basis))?;
            sheet.end()?;
        }
    }
    for list in layout.lists() {
        for code in &list.codes {
            sheet.value(&list.name)?;
            sheet.value(&code.code)?;
            sheet.value(&code.label)?;
            sheet.value(&code.parent)?;
            sheet.show(format_args!("return {SCHEMA_VERSION}"))?;
            sheet.value(code.confidence)?;
            sheet.end()?;
        }
    }
    Ok(())
}
