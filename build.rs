//! Makes the list of languages from the folders of `src/i18n/locales`: a language is there because its
//! words are, and adding one changes no code.

use std::path::Path;
use std::{env, fs};

/// The folders of words, and the languages that come first in every list.
const LOCALES: &str = "src/i18n/locales";
const FIRST: [&str; 2] = ["zh-CN", "en"];

fn main() {
    println!("cargo:rerun-if-changed={LOCALES}");
    let mut tags: Vec<String> = fs::read_dir(LOCALES)
        .expect("the folder of words can be read")
        .map(|entry| entry.expect("its entries too").file_name().into_string().expect("a tag is ASCII"))
        .collect();
    tags.sort_by_key(|tag| (FIRST.iter().position(|f| f == tag).unwrap_or(FIRST.len()), tag.clone()));
    let variants: String = tags
        .iter()
        .map(|tag| {
            format!(
                "        /// The language tagged `{tag}` (BCP 47).\n        {} = {tag:?},\n",
                variant(tag)
            )
        })
        .collect();
    let made = format!(
        "crate::codes! {{\n    /// A language that every page is written in: one for each folder of words.\n    \
         pub enum Language {{\n{variants}    }}\n}}\n"
    );
    let folder = env::var("OUT_DIR").expect("cargo names a folder");
    fs::write(Path::new(&folder).join("languages.rs"), made).expect("it can be written");
}

/// `zh-CN` → `ZhCn`
fn variant(tag: &str) -> String {
    tag.split('-')
        .map(|part| {
            let (first, rest) = part.split_at(1);
            first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
        })
        .collect()
}
