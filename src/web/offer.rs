//! What a select offers.

/// One thing to choose in a select.
#[derive(Debug, Clone)]
pub struct Offer {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

impl Offer {
    /// Something to choose, where `chosen` is what is chosen.
    pub fn new(value: &str, label: String, chosen: &str) -> Offer {
        Offer { value: value.to_owned(), label, selected: value == chosen }
    }
}
