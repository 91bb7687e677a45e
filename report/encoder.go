package report

import (
	"fmt"

	"openrelay/probe"
)

// encoder writes values as lines of JSON. Nothing is lost, and yet a terminal or the log of a CI job can
// show them: what Printable would show by its number is escaped. The zero encoder is ready for use.
//
// What it returns is good until it is used again: a scan writes a hundred thousand records, and the
// room for one is enough.
type encoder struct{ line []byte }

// record writes a result.
func (e *encoder) record(r *probe.Result) ([]byte, error) {
	if r.Type == "" {
		r.Type = probe.ResultType
	}
	if r.Schema == 0 {
		r.Schema = probe.Schema
	}
	o := object{b: e.line[:0], plain: true}
	o.result(r)
	if o.err != nil {
		return nil, fmt.Errorf("%s: %w", r.Target, o.err)
	}
	e.line = append(o.b, '\n')
	if !o.plain {
		return escaped(e.line), nil
	}
	return e.line, nil
}

// encode writes a value: one line, and a newline.
func (e *encoder) encode(v any) ([]byte, error) {
	if r, ok := v.(*probe.Result); ok {
		return e.record(r)
	}
	text, err := marshal(v)
	if err != nil {
		return nil, err
	}
	e.line = append(append(e.line[:0], text...), '\n')
	if !plain(text) {
		return escaped(e.line), nil
	}
	return e.line, nil
}

// JSONLine writes a value as a line of JSON, and a newline, that a terminal or the log of a CI job can show as
// well as a record, whatever a server put into it.
func JSONLine(v any) ([]byte, error) {
	var e encoder
	return e.encode(v)
}
