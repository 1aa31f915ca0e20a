//! Whether a CSV file ends within quotes. Readers of CSV take such an end for that of the field, so that
//! a file which was cut would lose its end unseen.

use std::io::Read;

/// Passes on what is read and keeps in mind whether it stands within quotes.
pub struct Quotes<R> {
    from: R,
    state: State,
    /// The line that is being read.
    line: u64,
    /// The line on which the last quotes were opened.
    opened: u64,
}

/// As RFC 4180 and the reader of CSV see a byte: a quotation mark opens only at the beginning of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Plain,
    Quoted,
    /// After a quotation mark within quotes, which ends them unless another one follows.
    Ending,
}

impl<R> Quotes<R> {
    /// At the beginning of a file.
    pub fn new(from: R) -> Quotes<R> {
        Quotes { from, state: State::Begin, line: 1, opened: 0 }
    }

    /// The line on which the quotes were opened that are still open.
    pub fn open(&self) -> Option<u64> {
        (self.state == State::Quoted).then_some(self.opened)
    }

    fn see(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::Ending,
            (State::Quoted, _) => State::Quoted,
            (State::Ending, b'"') => State::Quoted,
            (State::Begin, b'"') => {
                self.opened = self.line;
                State::Quoted
            }
            (_, b',' | b'\r' | b'\n') => State::Begin,
            _ => State::Plain,
        };
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.from.read(into)?;
        into[..count].iter().for_each(|byte| self.see(*byte));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Option<u64> {
        let mut quotes = Quotes::new(text.as_bytes());
        std::io::copy(&mut quotes, &mut std::io::sink()).unwrap();
        quotes.open()
    }

    #[test]
    fn an_end_within_quotes_is_known_by_the_line_of_their_beginning() {
        assert_eq!(open("impact,description\nblocked,\"cut in the mid"), Some(2));
        assert_eq!(open("a,b\r\n\"x\r\ny\",\"z\r\n"), Some(3));
        assert_eq!(open("a,b\n1,\"he said \"\"no\"\"\n\n"), Some(2));
        assert_eq!(open("\""), Some(1));
    }

    #[test]
    fn quotes_that_are_closed_or_stand_in_plain_fields_are_none() {
        for text in [
            "",
            "a,b",
            "a\n\"b\"",
            "a\n\"b\"\n",
            "a\n\"\"",
            "a\n5\" screen",
            "a\n5\", \"x",
            "a\n\"b\"c\"d",
            "a\r\"b\"",
        ] {
            assert_eq!(open(text), None, "{text:?}");
        }
        assert_eq!(open("a\n\"\"\""), Some(2), "a quotation mark in quotes that are open");
    }
}
