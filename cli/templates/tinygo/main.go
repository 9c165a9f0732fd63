// Counts the words of a text. Put your own work here.
package main

import (
	"encoding/json"
	"os"
	"strings"
)

type input struct {
	Text *string `json:"text"`
}

type failure struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Retryable bool   `json:"retryable"`
}

func main() {
	var given input
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil || given.Text == nil {
		fail("text.missing", "the field text must hold the text to count")
		return
	}
	words := strings.Fields(*given.Text)
	longest := ""
	for _, word := range words {
		if len(word) > len(longest) {
			longest = word
		}
	}
	answer(map[string]any{"success": true, "data": map[string]any{"words": len(words), "longest": longest}})
}

// The code is `noun.problem`.
func fail(code string, message string) {
	answer(map[string]any{"success": false, "error": failure{Code: code, Message: message}})
}

func answer(value any) {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
}
