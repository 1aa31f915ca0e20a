//! Surveys, for staff: what is asked, which are open, who is invited, what came in.

mod invitations;
mod list;
mod one;
mod responses;
pub mod templates;
mod templates_list;
mod written;

pub use invitations::{act as act_on_invitations, list as list_invitations, sheet};
pub use list::list;
pub use one::{act, qr, show};
pub use responses::{list as list_responses, show as show_response};
pub use templates_list::list as list_templates;

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::survey::SurveyPhase;
use crate::store::Error;
use crate::store::windows::Window;
use crate::web::page::Page;
use crate::web::times::Times;

/// The state of a survey as staff read it.
struct Phase {
    code: &'static str,
    class: &'static str,
    word: String,
    /// Since when or until when.
    detail: String,
    open: bool,
    /// Somebody may open it by hand.
    may_open: bool,
}

impl Phase {
    fn of(page: &Page, window: &Window, now: Instant) -> Phase {
        let times = Times::new(page.words, page.zone);
        let until = |key: &str, at: Instant| page.with(key, [("time", &times.moment(at))]);
        let (class, code, detail, open, may_open) = match window.survey_phase(now) {
            SurveyPhase::NotYet => ("tone-info", "not-yet", page.t("surveys-not-yet-detail"), false, true),
            SurveyPhase::Open(at) => ("tone-ok", "open", until("surveys-open-until", at), true, false),
            SurveyPhase::Closed(at) => {
                ("badge-plain", "closed", until("surveys-closed-since", at), false, true)
            }
            SurveyPhase::Never => ("badge-plain", "never", page.t("surveys-never-detail"), false, false),
        };
        let may_open = may_open && window.state.is_public();
        Phase { code, class, word: page.word("surveys-phase", code), detail, open, may_open }
    }
}

/// What is wrong with fields stays on the page; so do refusals, at `field`. Everything else fails.
fn wrong(error: Error, field: &str) -> Result<FieldErrors, Error> {
    match error {
        Error::Invalid(errors) => Ok(errors),
        Error::Conflict {
            code:
                code @ ("survey-is-not-open" | "survey-already-open" | "survey-needs-notice" | "template-in-use"),
            params,
        } => {
            Ok(FieldErrors(vec![crate::domain::fields::FieldError { field: field.to_owned(), code, params }]))
        }
        other => Err(other),
    }
}
