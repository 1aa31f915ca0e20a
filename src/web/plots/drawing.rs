//! What a picture is made of: a few marks with classes, which style sheets colour. No mark carries a
//! colour of its own, so the same picture works in light, in dark, on paper and in forced colours.

/// One mark of a picture. All lengths are written already.
pub enum Mark {
    /// A box.
    Rect {
        /// Its classes.
        class: &'static str,
        /// Left edge.
        x: String,
        /// Upper edge.
        y: String,
        /// Width.
        width: String,
        /// Height.
        height: String,
        /// How round its corners are.
        round: &'static str,
        /// What a pointer over it is told; nothing: it is not pointed at.
        title: String,
    },
    /// A line.
    Path {
        /// Its classes.
        class: &'static str,
        /// Where it leads.
        d: String,
        /// What a pointer over it is told.
        title: String,
    },
    /// A dot.
    Dot {
        /// Its classes.
        class: &'static str,
        /// Its centre, across.
        x: String,
        /// Its centre, down.
        y: String,
        /// Its radius.
        r: &'static str,
        /// What a pointer over it is told.
        title: String,
    },
    /// Words.
    Text {
        /// Its classes.
        class: &'static str,
        /// Where it is held, across.
        x: String,
        /// Its base line.
        y: String,
        /// `start`, `middle` or `end`.
        anchor: &'static str,
        /// The words.
        text: String,
    },
}

/// A picture under construction.
pub struct Drawing {
    /// Its width in units of its own.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// From the ground up.
    pub marks: Vec<Mark>,
}

/// A length as it is written.
pub fn written(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// How wide a text of 13 units is at most, in units: a Chinese character takes a whole em.
pub fn width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 7.2 } else { 13.5 }).sum()
}

impl Drawing {
    /// An empty picture.
    pub fn new(width: u32, height: u32) -> Drawing {
        Drawing { width, height, marks: Vec::new() }
    }

    /// A box.
    pub fn rect(
        &mut self,
        class: &'static str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        title: String,
    ) {
        self.round(class, (x, y), (width, height), "0", title);
    }

    /// A box with round corners.
    pub fn round(
        &mut self,
        class: &'static str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        round: &'static str,
        title: String,
    ) {
        let (x, y, width, height) = (written(x), written(y), written(width), written(height));
        self.marks.push(Mark::Rect { class, x, y, width, height, round, title });
    }

    /// A line.
    pub fn path(&mut self, class: &'static str, d: String, title: String) {
        self.marks.push(Mark::Path { class, d, title });
    }

    /// A level line.
    pub fn level(&mut self, class: &'static str, y: f64, from: f64, to: f64) {
        self.path(class, format!("M{} {}H{}", written(from), written(y), written(to)), String::new());
    }

    /// An upright line.
    pub fn upright(&mut self, class: &'static str, x: f64, from: f64, to: f64, title: String) {
        self.path(class, format!("M{} {}V{}", written(x), written(from), written(to)), title);
    }

    /// A dot.
    pub fn dot(&mut self, class: &'static str, (x, y): (f64, f64), r: &'static str, title: String) {
        self.marks.push(Mark::Dot { class, x: written(x), y: written(y), r, title });
    }

    /// Words.
    pub fn text(
        &mut self,
        class: &'static str,
        (x, y): (f64, f64),
        anchor: &'static str,
        text: impl Into<String>,
    ) {
        self.marks.push(Mark::Text { class, x: written(x), y: written(y), anchor, text: text.into() });
    }

    /// A level interval with ends, and a dot in it.
    pub fn whisker(&mut self, class: &'static str, y: f64, (low, high): (f64, f64), title: String) {
        let d = format!(
            "M{0} {2}V{3}M{0} {4}H{1}M{1} {2}V{3}",
            written(low),
            written(high),
            written(y - 4.0),
            written(y + 4.0),
            written(y)
        );
        self.path(class, d, title);
    }

    /// An upright interval with ends.
    pub fn upright_whisker(&mut self, class: &'static str, x: f64, (low, high): (f64, f64), title: String) {
        let d = format!(
            "M{2} {0}H{3}M{4} {0}V{1}M{2} {1}H{3}",
            written(low),
            written(high),
            written(x - 4.0),
            written(x + 4.0),
            written(x)
        );
        self.path(class, d, title);
    }
}
