//! A problem report: its codes, and what a sender may say in one.

use serde::{Deserialize, Serialize};

use crate::domain::fields::FieldErrors;
use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::domain::line::{self, Block, Line};

crate::codes! {
    /// What a problem stops somebody from doing, mildest first.
    pub enum Impact {
        /// Hardly matters.
        Cosmetic = "cosmetic",
        /// Slower or more work than usual.
        Slowed = "slowed",
        /// Cannot go on.
        Blocked = "blocked",
        /// Something is lost or wrong.
        DataLoss = "data_loss",
        /// Not said; only imports may leave it so.
        Unknown = "unknown",
    }
}

impl Impact {
    /// The impacts that a person can choose.
    pub const CHOICES: &'static [Impact] =
        &[Impact::Cosmetic, Impact::Slowed, Impact::Blocked, Impact::DataLoss];
}

crate::codes! {
    /// What kind of problem it is.
    pub enum Category {
        /// Nothing can be reached.
        Outage = "outage",
        /// Cannot log in.
        Login = "login",
        /// A function does not do what it should.
        Function = "function",
        /// Data are missing or wrong.
        Data = "data",
        /// Too slow.
        Speed = "speed",
        /// Something else, or not said.
        Other = "other",
    }
}

crate::codes! {
    /// Where a report stands.
    pub enum Status {
        /// Nobody has looked at it yet.
        New = "new",
        /// Somebody has read it.
        Acknowledged = "acknowledged",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// The reporter has been asked something.
        Waiting = "waiting",
        /// The problem is gone, as far as support knows.
        Resolved = "resolved",
        /// Nothing more will be done.
        Closed = "closed",
        /// Another report says the same.
        Duplicate = "duplicate",
    }
}

impl Status {
    /// Whether the work on it is over.
    pub const fn is_done(self) -> bool {
        matches!(self, Status::Resolved | Status::Closed | Status::Duplicate)
    }

    /// Whether a report may go from this status to `to`. Everything may be taken up again; nothing
    /// becomes new again, for somebody has read it.
    pub const fn may_become(self, to: Status) -> bool {
        use Status::{Acknowledged, Closed, Duplicate, InProgress, New, Resolved, Waiting};
        match (self, to) {
            (_, New) => false,
            (Duplicate, Acknowledged | InProgress) => true,
            (Duplicate, _) => false,
            (Closed, Acknowledged | InProgress) => true,
            (Closed, _) => false,
            (Resolved, Acknowledged | InProgress | Waiting | Closed) => true,
            (Resolved, Resolved | Duplicate) => false,
            (New | Acknowledged | InProgress | Waiting, to) => self as u8 != to as u8,
        }
    }

    /// Whether going from this status to `to` takes up again what was done.
    pub const fn is_reopened_by(self, to: Status) -> bool {
        self.is_done() && !to.is_done()
    }

    /// The statuses that a report may go to from this one.
    pub fn next(self) -> impl Iterator<Item = Status> {
        Status::ALL.iter().copied().filter(move |to| self.may_become(*to))
    }
}

crate::codes! {
    /// How urgently support takes a report, given by support.
    pub enum Severity {
        /// Everything else waits.
        Critical = "critical",
        /// Before the ordinary.
        High = "high",
        /// Ordinary.
        Medium = "medium",
        /// When there is time.
        Low = "low",
    }
}

crate::codes! {
    /// How exactly the time of occurrence is known.
    pub enum Precision {
        /// To the minute, as far as the sender knows.
        Exact = "exact",
        /// Roughly.
        About = "about",
        /// Not at all; then there is no time.
        Unknown = "unknown",
    }
}

crate::codes! {
    /// The way on which a report came.
    pub enum Source {
        /// The form.
        Web = "web",
        /// The form, kept on the device until the network was back.
        Offline = "offline",
        /// The programming interface.
        Api = "api",
        /// Told to support, who entered it.
        Phone = "phone",
        /// A file.
        Import = "import",
        /// A monitoring system.
        Alert = "alert",
        /// The banner in another site.
        Embed = "embed",
    }
}

crate::codes! {
    /// What the reporter says of a resolved report.
    pub enum Verdict {
        /// It works again.
        Fixed = "fixed",
        /// It does not.
        NotFixed = "not_fixed",
    }
}

/// How the reporter can be reached; both are optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// A telephone number as typed.
    pub phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
}

impl Contact {
    /// Checks what was typed; the fields are `contact.phone` and `contact.email`.
    pub fn parse(phone: &str, email: &str) -> Result<Contact, FieldErrors> {
        let mut errors = FieldErrors::new();
        let phone = errors.keep(Line::optional("contact.phone", phone, 40)).flatten().map(Line::into_string);
        let email = errors.keep(Line::optional("contact.email", email, 254)).flatten().map(Line::into_string);
        if let Some(phone) = &phone {
            let digits = phone.chars().filter(char::is_ascii_digit).count();
            let others_fine = phone.chars().all(|c| c.is_ascii_digit() || "+-() .#转ext/".contains(c));
            if !(5..=20).contains(&digits) || !others_fine {
                errors.add("contact.phone", "bad-phone");
            }
        }
        if email.as_ref().is_some_and(|e| !validator::ValidateEmail::validate_email(e)) {
            errors.add("contact.email", "bad-email");
        }
        errors.or(Contact { phone, email })
    }

    /// Neither is given.
    pub fn is_empty(&self) -> bool {
        self.phone.is_none() && self.email.is_none()
    }
}

/// What a report says, as it arrives at any door, before it is checked.
#[derive(Debug, Clone, Default)]
pub struct ReportInput {
    /// What happened.
    pub description: String,
    /// The impact's code.
    pub impact: String,
    /// The category's code, or nothing.
    pub category: String,
    /// The message that the service showed.
    pub error_message: String,
    /// Account or order number.
    pub account: String,
    /// Telephone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
    /// Device and browser, if the sender left them in.
    pub device: String,
}

/// What a report says, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportText {
    /// What happened.
    pub description: Block,
    /// What it stops the reporter from doing.
    pub impact: Impact,
    /// What kind of problem it is.
    pub category: Category,
    /// The message that the service showed.
    pub error_message: Option<Block>,
    /// Account or order number.
    pub account: Option<Line>,
    /// How the reporter can be reached.
    pub contact: Contact,
    /// Device and browser.
    pub device: Option<Line>,
}

impl ReportInput {
    /// Checks everything and says all that is wrong at once. `imported` lets the impact be unknown.
    pub fn parse(&self, imported: bool) -> Result<ReportText, FieldErrors> {
        let mut errors = FieldErrors::new();
        let description =
            errors.keep(Block::required("description", &self.description, line::DESCRIPTION_MAX));
        let impact = errors.keep(match (self.impact.as_str(), imported) {
            ("", false) => Err(FieldErrors::one("impact", "required")),
            ("" | "unknown", true) => Ok(Impact::Unknown),
            (code, _) => Impact::from_code(code)
                .filter(|i| *i != Impact::Unknown)
                .ok_or_else(|| FieldErrors::one("impact", "unknown-code")),
        });
        let category = errors.keep(match self.category.as_str() {
            "" => Ok(Category::Other),
            code => Category::from_code(code).ok_or_else(|| FieldErrors::one("category", "unknown-code")),
        });
        let error_message =
            errors.keep(Block::optional("error_message", &self.error_message, line::ERROR_MESSAGE_MAX));
        let account = errors.keep(Line::optional("account", &self.account, line::ACCOUNT_MAX));
        let contact = errors.keep(Contact::parse(&self.phone, &self.email));
        let device = errors.keep(Line::optional("device", &self.device, 300));
        match (description, impact, category, error_message, account, contact, device) {
            (
                Some(description),
                Some(impact),
                Some(category),
                Some(error_message),
                Some(account),
                Some(contact),
                Some(device),
            ) => Ok(ReportText { description, impact, category, error_message, account, contact, device }),
            _ => Err(errors),
        }
    }
}

/// When a report says that it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    /// The moment; nothing if it is unknown.
    pub at: Option<Instant>,
    /// How exactly it is known.
    pub precision: Precision,
}

impl Occurrence {
    /// How far ahead of our clock a sender's clock may be, in seconds.
    pub const CLOCK_SKEW: i64 = 300;
    /// How long ago something reported may have happened, in days.
    pub const OLDEST_DAYS: i64 = 366;

    /// Just now, as far as the sender knows.
    pub fn just_now(now: Instant) -> Occurrence {
        Occurrence { at: Some(now), precision: Precision::About }
    }

    /// Checks a time that was given. The field is `occurred_at`.
    pub fn given(at: Instant, precision: Precision, now: Instant) -> Result<Occurrence, FieldErrors> {
        if precision == Precision::Unknown {
            return Err(FieldErrors::one("precision", "time-and-unknown"));
        }
        if at > now.plus_seconds(Self::CLOCK_SKEW) {
            return Err(FieldErrors::one("occurred_at", "in-the-future"));
        }
        if at < now.plus_hours(-24 * Self::OLDEST_DAYS) {
            return Err(FieldErrors::one("occurred_at", "too-long-ago"));
        }
        // A clock that is a little fast does not make anything happen in the future.
        Ok(Occurrence { at: Some(at.min(now)), precision })
    }

    /// No time is known.
    pub const UNKNOWN: Occurrence = Occurrence { at: None, precision: Precision::Unknown };
}

/// When a sender says that it happened. Kept as said, not as a moment, so that sending the same
/// thing again a minute later is the same command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum When {
    /// Just now, this exactly.
    Now(Precision),
    /// About this many minutes ago.
    MinutesAgo(u32),
    /// At this moment.
    At(Instant, Precision),
    /// About this many seconds before it was written, which may be long before it could be sent.
    Written(Instant, u32),
    /// The sender does not know.
    Unknown,
}

impl When {
    /// The moment meant, as seen at `now`. Errors are those of [`Occurrence::given`].
    pub fn resolve(self, now: Instant) -> Result<Occurrence, FieldErrors> {
        match self {
            When::Now(Precision::Unknown) | When::Unknown => Ok(Occurrence::UNKNOWN),
            When::Now(precision) => Ok(Occurrence { at: Some(now), precision }),
            When::MinutesAgo(minutes) => {
                Occurrence::given(now.plus_seconds(-60 * i64::from(minutes)), Precision::About, now)
            }
            When::At(at, precision) => Occurrence::given(at, precision, now),
            When::Written(at, before) => {
                // A device whose clock is fast must not lose its report over it.
                let at = at.min(now).plus_seconds(-i64::from(before));
                Occurrence::given(at, Precision::About, now)
            }
        }
    }
}

/// After how many seconds between writing and arrival a report counts as sent later.
pub const SENT_LATER: i64 = 120;

/// The way on which a report came and when it was written, as they are kept, for one that arrives
/// now: a form that was kept on a device (it says so, or it took its time) came from there, and only
/// then is the time of writing worth keeping. What a program says of itself is kept as said.
pub fn arrival(
    source: Source,
    written_at: Option<Instant>,
    kept: bool,
    now: Instant,
) -> (Source, Option<Instant>) {
    let later = written_at.filter(|at| kept || now.seconds_since(*at) > SENT_LATER);
    match source {
        Source::Web if later.is_some() => (Source::Offline, later),
        Source::Offline => (source, written_at),
        _ => (source, later),
    }
}

/// Who sends a report, as far as that matters for how it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The language that the sender reads.
    pub language: Language,
    /// The way on which it came.
    pub source: Source,
}

#[cfg(test)]
mod tests;
