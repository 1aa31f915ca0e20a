//! The file that takes the rows which could not be imported: as they were, with the reason beside them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::file::{Kind, Original, Raw, Source, Unreadable};

/// The column in which the reason stands; imports leave it alone.
const REASON: &str = "import_problem";

/// Writes bad rows.
pub struct BadRows {
    out: Out,
}

enum Out {
    Csv(Box<csv::Writer<File>>),
    Lines(BufWriter<File>),
}

fn from_csv(error: csv::Error) -> Unreadable {
    std::io::Error::other(error).into()
}

impl BadRows {
    /// Begins the file, which is written as the source is.
    pub fn create(path: &Path, source: &Source) -> Result<BadRows, Unreadable> {
        let file = File::create(path)?;
        let out = match source.kind {
            Kind::JsonLines => Out::Lines(BufWriter::new(file)),
            Kind::Csv => {
                let mut writer = csv::WriterBuilder::new()
                    .terminator(csv::Terminator::CRLF)
                    .flexible(true)
                    .from_writer(file);
                let titles =
                    source.columns.iter().map(String::as_str).filter(|c| *c != REASON).chain([REASON]);
                writer.write_record(titles).map_err(from_csv)?;
                Out::Csv(Box::new(writer))
            }
        };
        Ok(BadRows { out })
    }

    /// Adds a row.
    pub fn add(&mut self, raw: &Raw, reason: &str) -> Result<(), Unreadable> {
        match (&mut self.out, &raw.original) {
            (Out::Csv(writer), Original::Cells(cells)) => {
                writer.write_record(cells.iter().chain([reason.as_bytes()])).map_err(from_csv)
            }
            (Out::Lines(writer), Original::Line(line)) => {
                match serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line) {
                    Ok(mut object) => {
                        object.insert(REASON.to_owned(), reason.into());
                        serde_json::to_writer(&mut *writer, &object).map_err(std::io::Error::from)?;
                        writer.write_all(b"\n")?;
                    }
                    Err(_) => {
                        writer.write_all(line)?;
                        if !line.ends_with(b"\n") {
                            writer.write_all(b"\n")?;
                        }
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Ends the file.
    pub fn finish(self) -> Result<(), Unreadable> {
        match self.out {
            Out::Csv(mut writer) => writer.flush()?,
            Out::Lines(mut writer) => writer.flush()?,
        }
        Ok(())
    }
}
