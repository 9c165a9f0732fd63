//! Counts the words of a text. Put your own work here; arcrun.rs reads the input and writes the answer.
mod arcrun;

use arcrun::Json;

fn main() {
    let input = arcrun::read_input();
    match input.field("text") {
        Some(Json::Text(text)) => count(text),
        _ => arcrun::fail("text.missing", "the field text must hold the text to count"),
    }
}

fn count(text: &str) {
    let mut words = 0;
    let mut longest = "";
    for word in text.split_ascii_whitespace() {
        words += 1;
        if word.len() > longest.len() {
            longest = word;
        }
    }
    arcrun::succeed(&Json::map([("words", Json::Number(f64::from(words))), ("longest", Json::Text(longest.to_string()))]));
}
