//! HTML posts in, typed answers out, and back.

use super::{Answer, Answers, Dictionary, Field, Form, Problem};

/// The names and values of a form post, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted(pub Vec<(String, String)>);

/// Reads exactly the given fields. A blank clears; a fault leaves the old answer and is reported.
pub fn read(
    dict: &Dictionary,
    form: &Form,
    fields: &[&Field],
    posted: &Posted,
    into: &mut Answers,
) -> Vec<Problem> {
    let _ = (dict, form, fields, posted, into);
    Vec::new()
}

/// What the inputs should show for a stored answer: names and values as a post would carry them.
pub fn write(field: &Field, answer: &Answer) -> Vec<(String, String)> {
    let _ = (field, answer);
    Vec::new()
}

/// How many rows of a table a post carries, counting up to its last row.
pub fn table_rows(field: &Field, posted: &Posted) -> usize {
    let _ = (field, posted);
    0
}
