//! What a part in Rust needs: JSON in, JSON out, and calls of the host. With a Cargo.toml beside it (`acr part build` then uses cargo)
//! serde_json does the first two.
#![allow(dead_code)]

use std::fmt;
use std::io::Read;

#[link(wasm_import_module = "arcrun")]
extern "C" {
    fn call(request: *const u8, length: usize) -> i32;
    fn result_len(handle: i32) -> usize;
    fn result_read(handle: i32, into: *mut u8, length: usize) -> usize;
}

/// Asks the host for something, `{"call":"http_request","request":{...}}`; gives its answer. part.yaml must grant the call.
pub fn ask_host(request: &Json) -> Json {
    let text = request.to_string();
    let result = unsafe {
        let handle = call(text.as_ptr(), text.len());
        let mut result = vec![0; result_len(handle)];
        result_read(handle, result.as_mut_ptr(), result.len());
        result
    };
    Json::parse(&String::from_utf8_lossy(&result)).expect("the host answers JSON")
}

/// The document on stdin.
pub fn read_input() -> Json {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("stdin is UTF-8");
    Json::parse(&text).expect("stdin is JSON")
}

pub fn succeed(data: &Json) {
    println!("{{\"success\":true,\"data\":{}}}", data);
}

/// The code is `noun.problem`.
pub fn fail(code: &str, message: &str) {
    let text = |text: &str| Json::Text(text.to_string());
    let error = Json::map([("code", text(code)), ("message", text(message)), ("retryable", Json::Bool(false))]);
    println!("{{\"success\":false,\"error\":{}}}", error);
}

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    /// In the order of the document.
    Map(Vec<(String, Json)>),
}

impl Json {
    pub fn map<const N: usize>(fields: [(&str, Json); N]) -> Json {
        Json::Map(fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    pub fn field(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Map(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn parse(text: &str) -> Option<Json> {
        let mut reader = Reader { rest: text };
        let value = reader.value(0)?;
        reader.skip_space();
        reader.rest.is_empty().then(|| value)
    }
}

const MAX_DEPTH: usize = 64;

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.skip_space();
        match self.rest.chars().next()? {
            _ if depth > MAX_DEPTH => None,
            'n' => self.take("null").map(|()| Json::Null),
            't' => self.take("true").map(|()| Json::Bool(true)),
            'f' => self.take("false").map(|()| Json::Bool(false)),
            '"' => self.text().map(Json::Text),
            '[' => self.items('[', ']', |reader| reader.value(depth + 1)).map(Json::List),
            '{' => self.items('{', '}', |reader| reader.member(depth + 1)).map(Json::Map),
            _ => self.number(),
        }
    }

    fn member(&mut self, depth: usize) -> Option<(String, Json)> {
        self.skip_space();
        let name = self.text()?;
        self.skip_space();
        self.take(":")?;
        Some((name, self.value(depth)?))
    }

    fn items<T>(&mut self, open: char, close: char, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::new();
        self.rest = self.rest.strip_prefix(open)?;
        self.skip_space();
        while !self.rest.starts_with(close) {
            if !items.is_empty() {
                self.take(",")?;
            }
            items.push(item(self)?);
            self.skip_space();
        }
        self.rest = &self.rest[close.len_utf8()..];
        Some(items)
    }

    fn number(&mut self) -> Option<Json> {
        let end = self.rest.find(|c: char| !"+-.0123456789eE".contains(c)).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok().map(Json::Number)
    }

    fn text(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut text = String::new();
        loop {
            let plain = self.rest.find(['"', '\\'])?;
            text.push_str(&self.rest[..plain]);
            self.rest = &self.rest[plain..];
            if self.take("\"").is_some() {
                return Some(text);
            }
            let escape = self.rest.chars().nth(1)?;
            self.rest = &self.rest[1 + escape.len_utf8()..];
            text.push(match escape {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => self.unicode()?,
                other => other,
            });
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        let is_half = (0xd800..0xdc00).contains(&first);
        let code = if is_half && self.take("\\u").is_some() {
            0x10000 + ((first & 0x3ff) << 10) + (self.hex()? & 0x3ff)
        } else {
            first
        };
        Some(char::from_u32(code).unwrap_or('\u{fffd}'))
    }

    fn hex(&mut self) -> Option<u32> {
        let code = u32::from_str_radix(self.rest.get(..4)?, 16).ok()?;
        self.rest = &self.rest[4..];
        Some(code)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => out.write_str("null"),
            Json::Bool(value) => write!(out, "{}", value),
            Json::Number(value) if value.is_finite() => write!(out, "{}", value),
            Json::Number(_) => out.write_str("null"),
            Json::Text(text) => write_text(text, out),
            Json::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    write!(out, "{}{}", if i == 0 { "[" } else { "," }, item)?;
                }
                out.write_str(if items.is_empty() { "[]" } else { "]" })
            }
            Json::Map(fields) => {
                for (i, (name, value)) in fields.iter().enumerate() {
                    out.write_str(if i == 0 { "{" } else { "," })?;
                    write_text(name, out)?;
                    write!(out, ":{}", value)?;
                }
                out.write_str(if fields.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn write_text(text: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    out.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{}", c)?,
            c if c < ' ' => write!(out, "\\u{:04x}", c as u32)?,
            c => write!(out, "{}", c)?,
        }
    }
    out.write_str("\"")
}
