package catcher

import (
	"bytes"
	"strings"
)

// header is the fields of a message in order, each as "Name: value", unfolded.
//
// net/mail would do, but it gives up at the first line that is no field, and a message that some
// server on the way has marred is still ours.
type header []string

// parseHeader reads the header of a message. Lines that are no fields are kept and never found.
func parseHeader(message []byte) header {
	var h header
	var field []byte
	end := func() {
		if len(field) > 0 {
			h = append(h, string(field))
		}
		field = field[:0]
	}
	for line := range bytes.Lines(message) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			field = append(append(field, ' '), bytes.TrimLeft(line, " \t")...)
			continue
		}
		end()
		field = append(field, line...)
	}
	end()
	return h
}

// all returns the values of every field of that name, first to last.
func (h header) all(name string) []string {
	var values []string
	for _, field := range h {
		key, value, ok := strings.Cut(field, ":")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
}
