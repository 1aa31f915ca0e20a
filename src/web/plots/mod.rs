//! Pictures of figures: drawn by the server, readable without script and without colour, each with its
//! data as a table beside it, and to be taken away as SVG and as CSV.

pub mod against;
pub mod answers;
mod drawing;
pub mod sides;
pub mod story;
pub mod trend;

use askama::Template;

pub use drawing::{Drawing, Mark};

use crate::domain::instant::Instant;
use crate::domain::language::Language;
use crate::export::guard::guard;
use crate::i18n::Words;
use crate::store::Error;
use crate::store::error::Result;
use crate::store::insights::Insights;
use crate::web::times::Times;

/// A cell of a picture's table: as people read it, and unrounded as programs do.
pub struct Cell {
    /// For people.
    pub text: String,
    /// For programs.
    pub raw: String,
    /// Whether it is a number, which stands at the end of its cell.
    pub number: bool,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        Cell { raw: text.clone(), text, number: false }
    }

    /// A number, rounded for people.
    pub fn number(text: impl Into<String>, raw: Option<f64>) -> Cell {
        Cell { text: text.into(), raw: raw.map(|v| v.to_string()).unwrap_or_default(), number: true }
    }

    /// A count.
    pub fn count(n: u64) -> Cell {
        Cell { text: crate::web::figures::count(n), raw: n.to_string(), number: true }
    }

    /// A moment.
    pub fn time(text: impl Into<String>, at: Option<Instant>) -> Cell {
        Cell { text: text.into(), raw: at.map(Instant::rfc3339).unwrap_or_default(), number: false }
    }
}

/// A picture with everything that belongs to it.
pub struct Picture {
    /// Its name in addresses and file names, e.g. `reports`.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What it says, for those who do not see it.
    pub description: String,
    /// How to read it, and what is left out.
    pub caption: String,
    /// The titles of its table's columns, for people and for programs.
    pub columns: Vec<(String, &'static str)>,
    /// The same data as a table.
    pub rows: Vec<Vec<Cell>>,
    /// The marks.
    pub drawing: Drawing,
}

#[derive(Template)]
#[template(path = "plots/file.svg", escape = "html")]
struct File<'a> {
    picture: &'a Picture,
    language: &'static str,
}

impl Picture {
    /// The picture as a file of its own, which brings its colours for light and dark along.
    pub fn svg(&self, times: Times) -> Result<String> {
        let file = File { picture: self, language: times.words().0.code() };
        file.render().map_err(|e| Error::Internal(format!("a picture cannot be drawn: {e}")))
    }

    /// Its table as CSV: unrounded values, moments in UTC, guarded like every CSV of ours.
    pub fn csv(&self) -> Result<String> {
        let broken = |e: csv::Error| Error::Internal(format!("a table cannot be written: {e}"));
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|(_, raw)| *raw)).map_err(broken)?;
        for row in &self.rows {
            let cells = row.iter().map(|c| if c.number { c.raw.clone() } else { guard(&c.raw).into_owned() });
            writer.write_record(cells).map_err(broken)?;
        }
        let bytes = writer.into_inner().map_err(|e| Error::Internal(e.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(format!("\u{FEFF}{text}"))
    }
}

/// Every picture of one window.
pub fn of_window(insights: &Insights, times: Times) -> Vec<Picture> {
    let mut all = vec![story::picture(insights, times)];
    all.extend(answers::picture(insights, times));
    all
}

/// Every picture of one window and its table as files: name and content.
pub fn files(insights: &Insights, language: Language) -> Result<Vec<(String, String)>> {
    let times = Times::new(Words(language), insights.window.time_zone);
    let mut files = Vec::new();
    for picture in of_window(insights, times) {
        files.push((format!("{}.svg", picture.name), picture.svg(times)?));
        files.push((format!("{}.csv", picture.name), picture.csv()?));
    }
    Ok(files)
}
