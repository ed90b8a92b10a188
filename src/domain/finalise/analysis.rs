//! The analysis against the other forms: rules AN-6 and AN-8. AN-1 to AN-5 and AN-9 stand on the
//! analysis form itself, AN-7 is a line of `openings.csv`.

use super::look::{Found, Look, when};

/// A sudden unexpected death in epilepsy belongs in category 5.
pub(super) fn sudep_unexplained(look: &Look) -> Vec<Found> {
    let sudep = matches!(
        look.choice("epilepsy", "sudep"),
        Some("definite" | "probable")
    ) || look.says("analysis", "sudep", "yes");
    let unexplained = look
        .choices("analysis", "categories_all")
        .iter()
        .any(|code| code == "10");
    when(sudep && unexplained, || {
        Found::at(
            "analysis",
            "categories_all",
            "A sudden unexpected death in epilepsy is recorded in category 5, not category 10",
        )
    })
}

/// The primary category against the practice review and the inquest.
pub(super) fn category_and_inquest(look: &Look) -> Vec<Found> {
    let lowest = look
        .choices("analysis", "categories_all")
        .iter()
        .filter_map(|code| code.parse::<u8>().ok())
        .min();
    let Some(primary) = lowest else {
        return Vec::new();
    };
    let unasked = primary == 1 && !look.answered("analysis", "child_protection_review_status");
    let mut found = when(unasked, || {
        Found::at(
            "analysis",
            "child_protection_review_status",
            "The death is in category 1. Record whether there was a safeguarding practice review",
        )
    });
    for form in ["analysis", "reporting"] {
        let concluded = look.choice(form, "inquest_conclusion");
        let clash = match (primary, concluded) {
            (3, Some("suicide")) => {
                Some("The inquest found suicide, but the primary category is 3")
            }
            (2, Some("accident")) => {
                Some("The inquest found an accident, but the primary category is 2")
            }
            _ => None,
        };
        if let Some(clash) = clash {
            let message = format!("{clash}. Check that the category is right");
            found.push(Found::at("analysis", "categories_all", message));
            break;
        }
    }
    found
}
