package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"openrelay/internal/variants"
	"openrelay/probe"
	"openrelay/probe/dialogue"
)

// sameAsJSON demands that the record of a result is what encoding/json makes of it, made safe to show.
func sameAsJSON(t *testing.T, r probe.Result) {
	t.Helper()
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	var enc encoder
	got, err := enc.record(&r)
	if safe := escaped(want.Bytes()); err != nil || !bytes.Equal(got, safe) {
		t.Errorf("%v, the record is\n%s\nand encoding/json makes\n%s", err, got, safe)
	}
}

// Every field is in the record, under the name it has in probe.
func TestRecordHasEveryField(t *testing.T) {
	for n, text := range []string{"x", `"`, `\`, "é", "a\x00b", "\xff", "<>&", "\u2028", "##[error]", "#"} {
		var r probe.Result
		fillAll(t, reflect.ValueOf(&r).Elem(), text, n)
		r.Type, r.Schema = probe.ResultType, probe.Schema
		sameAsJSON(t, r)
		r.Findings[0].Transcript = append(r.Findings[0].Transcript, dialogue.Line{From: dialogue.Server, Data: "250 no line ending"})
		sameAsJSON(t, r)
	}
	sameAsJSON(t, probe.Result{Type: probe.ResultType, Schema: probe.Schema})
}

// fillAll gives every field a value, and every list two elements.
func fillAll(t *testing.T, v reflect.Value, text string, n int) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Date(2026, 11, 26, 1, 2, 3, 4000*n, time.UTC)
		return
	case *dialogue.Transcript:
		*x = dialogue.Transcript{{From: dialogue.Note, Data: text}, {From: dialogue.Client, Data: "EHLO " + text + "\r\n"}, {From: dialogue.Server, Data: "250 " + text + "\r\n"}}
		return
	case *probe.Verdict:
		*x = probe.Open
		return
	case *probe.Proof:
		*x = probe.Delivered
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text + v.Type().Name())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(n + 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillAll(t, v.Elem(), text, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillAll(t, v.Index(0), text, n)
		fillAll(t, v.Index(1), text, n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillAll(t, v.Field(i), text, n)
			}
		}
	default:
		if v.Kind() != reflect.Uint8 && v.Kind() != reflect.Uint16 {
			t.Fatalf("nobody fills a %s", v.Type())
		}
		v.SetUint(uint64(n + 1))
	}
}

func TestRecordOfSavedResults(t *testing.T) {
	f, err := os.Open("testdata/results.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for r, err := range Read(f) {
		if err != nil {
			t.Fatal(err)
		}
		sameAsJSON(t, r)
		n++
	}
	if n == 0 {
		t.Error("no results")
	}
}

// FuzzRecord: whatever a server says, the record is what encoding/json would write, and is read back.
func FuzzRecord(f *testing.F) {
	for row := range variants.Rows(2000,
		[]string{"mx.example.org", "550 no", "S: 220 a\nC: EHLO x\n*: gone\n", "0"},
		[]string{"\x1b[2J", "<>&\"\\", "S: half\\\n", "-1"},
		[]string{"##[error]", "\u2028é", "C: \\x00\\xff\n", "1099511627776"},
	) {
		took, _ := strconv.ParseInt(row[3], 10, 64)
		f.Add(row[0], row[1], row[2], took)
	}
	f.Fuzz(func(t *testing.T, name, reply, said string, took int64) {
		transcript, err := dialogue.ParseTranscript(said)
		if err != nil {
			return
		}
		r := probe.Result{
			Type: probe.ResultType, Schema: probe.Schema, Name: name, Server: probe.Server{EHLO: []string{reply}}, TookMS: took, Transcript: transcript,
			Findings: []probe.Finding{{Vector: name, Reply: reply, Transcript: transcript, Proof: probe.Data}, {}},
		}
		sameAsJSON(t, r)
		var enc encoder
		line, _ := enc.record(&r)
		if again, err := decode(line); err != nil || fmt.Sprint(again.Transcript) != fmt.Sprint(transcript) {
			t.Errorf("read back: %v, %v", again.Transcript, err)
		}
	})
}
