//! The questions that people ask about maintenance, whatever the service.

crate::codes! {
    /// A question that the help page answers by itself, from what is announced where that is possible.
    pub enum Built {
        /// How often is there maintenance, and when next?
        HowOften = "how-often",
        /// Does it concern everybody?
        Everybody = "everybody",
        /// Is my data safe?
        Data = "data",
        /// How do I tell you what went wrong, and how it went?
        Say = "say",
        /// What should I note down?
        Note = "note",
        /// Will I hear from you?
        Answer = "answer",
    }
}

/// The longest question, in characters.
pub const QUESTION_MAX: usize = 200;
/// The longest answer, in characters of one language.
pub const ANSWER_MAX: usize = 5_000;
/// How many questions staff may add.
pub const HELP_OWN_MAX: usize = 50;
