package report

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/unicode"

	"openrelay/internal/variants"
	"openrelay/probe"
)

func TestRoundTrip(t *testing.T) {
	want, err := os.ReadFile("testdata/results.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if got := render(t, format(t, "jsonl"), Options{Quiet: true}, saved(t)); got != string(want) {
		t.Errorf("read and written again, results.jsonl is not the same:\n%s", got)
	}
}

func TestWriteFlushesLines(t *testing.T) {
	var b bytes.Buffer
	w := format(t, "jsonl").New(&b, Options{})
	for i, r := range saved(t) {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(b.String(), "\n"); lines != i+1 || !strings.HasSuffix(b.String(), "}\n") {
			t.Fatalf("after %d results, %d lines are out", i+1, lines)
		}
	}
}

func TestReadErrors(t *testing.T) {
	const good = `{"type":"result","schema":1,"target":"192.0.2.1:25","named":true,"verdict":"closed","reason":"refused"}` + "\n"
	for _, test := range []struct {
		name, input string
		results     int
		want        string // in the one error; none where empty
	}{
		{"nothing", "", 0, ""},
		{"one", good, 1, ""},
		{"no newline at the end", strings.TrimSpace(good), 1, ""},
		{"carriage returns and empty lines", "\r\n\n" + strings.ReplaceAll(good, "\n", "\r\n") + "\n", 1, ""},
		{"a later version's field", `{"type":"result","schema":1,"target":"x","verdict":"open","reason":"plain","moon":{"phase":[1]}}`, 1, ""},
		{"torn in the middle", good + good[:40], 1, "line 2: breaks off: unexpected end of JSON input"},
		{"bad line between good ones", good + "{]\n" + good, 2, "line 2: no JSON (byte 2)"},
		{"not a result", good + "\n[1]\n", 1, "line 3: json: cannot unmarshal array"},
		{"no schema", `{"type":"result","target":"192.0.2.1:25"}`, 0, "line 1: not a saved result: it has no schema number"},
		{"no type", `{"schema":1,"target":"192.0.2.1:25"}`, 0, "line 1: not a saved result: it has no type, and not all of verdict, target, findings or coverage"},
		{"no type, of an older version", `{"schema":1,"target":"x","verdict":"open","coverage":{}}`, 1, ""},
		{"no type, and no object", `null`, 0, "line 1: not a saved result"},
		{"another type", `{"type":"moon","schema":1,"target":"x","verdict":"open","coverage":{}}`, 0, `line 1: holds records of the type "moon", not results`},
		{"a type that is no word", `{"type":1,"schema":1,"target":"x","verdict":"open","coverage":{}}`, 0, "line 1: json: cannot unmarshal number"},
		{"a newer schema", `{"type":"result","schema":2,"target":"x","verdict":"open"}`, 0, "line 1: written by a newer version (schema 2, this one reads up to 1)"},
		{"a newer schema that makes no sense", `{"verdict":"ajar","schema":2}`, 0, "line 1: written by a newer version"},
		{"unknown verdict", `{"type":"result","schema":1,"verdict":"ajar"}`, 0, `line 1: unknown verdict "ajar"`},
		{"broken transcript", `{"type":"result","schema":1,"verdict":"open","transcript":"X: hello"}`, 0, "line 1: transcript line 1"},
		{"nested", good + `{"type":"result","schema":1,"verdict":"open","moon":` + strings.Repeat("[", 1<<20) + "\n", 1, "line 2: "},
		{"nested where a text belongs", good + `{"type":"result","schema":1,"verdict":"open","target":` + strings.Repeat(`{"a":`, 1<<20) + "1" + strings.Repeat("}", 1<<20) + "}\n", 1, "line 2: no JSON"},
		{"long line", good + `{"type":"result","schema":1,"name":"` + strings.Repeat("x", maxLine) + "\"}\n" + good, 1, "line 2: longer than 16 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			results := 0
			var problems []string
			for _, err := range Read(strings.NewReader(test.input)) {
				if err != nil {
					problems = append(problems, err.Error())
					continue
				}
				results++
			}
			got := strings.Join(problems, "\n")
			if results != test.results || len(problems) > 1 || got == "" != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("%d results, errors %q; want %d, %q", results, got, test.results, test.want)
			}
		})
	}
}

func TestReadLongLine(t *testing.T) {
	r := probe.Result{Target: "192.0.2.1:25", Name: strings.Repeat("x", 15<<20)}
	line := render(t, format(t, "jsonl"), Options{}, []probe.Result{r})
	for got, err := range Read(strings.NewReader(line)) {
		if err != nil || len(got.Name) != len(r.Name) {
			t.Errorf("a line of 15 MiB: %d bytes of name, error %v", len(got.Name), err)
		}
	}
}

func TestReadFailure(t *testing.T) {
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader(`{"type":"result","schema":1,"verdict":"open"}`+"\n"), iotest.ErrReader(broken))
	var last error
	for _, err := range Read(in) {
		last = err
	}
	if !errors.Is(last, broken) || !strings.HasPrefix(last.Error(), "line 2: ") {
		t.Errorf("got %v", last)
	}
}

func TestReadStops(t *testing.T) {
	n := 0
	for range Read(strings.NewReader(strings.Repeat("{]\n", 10))) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("read %d lines after a break at 3", n)
	}
}

// The law: what was read and written is read and written as the same bytes ever after.
func FuzzRead(f *testing.F) {
	lines, err := os.ReadFile("testdata/results.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for line := range variants.Of(2000, slices.Collect(bytes.Lines(lines))...) {
		f.Add(line)
	}
	rewrite := func(t *testing.T, in []byte) []byte {
		var out bytes.Buffer
		w := newJSONL[probe.Result](&out, Options{})
		for r, err := range Read(bytes.NewReader(in)) {
			if err != nil {
				continue
			}
			if err := w.Write(r); err != nil {
				t.Fatalf("read %q, but cannot write it: %v", in, err)
			}
		}
		return out.Bytes()
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		once := rewrite(t, in)
		if twice := rewrite(t, once); !bytes.Equal(once, twice) {
			t.Errorf("first\n%s\nthen\n%s", once, twice)
		}
	})
}

// Whatever a record holds can be shown: what does not print is escaped, and read back as it was.
func TestRecordPrints(t *testing.T) {
	const hostile = "\x1b]52;c;eA==\x07 \u009b31m \x7f \u202e \u200b \U000e0041 \u2028::error::x\n##[error]y ##vso[task]z \U0001f40c <&> \\ \""
	r := probe.Result{Schema: probe.Schema, Target: "192.0.2.1:25", Server: probe.Server{Banner: hostile}}
	line := render(t, format(t, "jsonl"), Options{}, []probe.Result{r})
	if text := strings.TrimSuffix(line, "\n"); Printable(text) != text {
		t.Errorf("does not print: %q", text)
	}
	if !strings.Contains(line, `\udb40\udc41`) || !strings.Contains(line, "\U0001f40c <&>") {
		t.Errorf("an invisible character of a high plane, or one that can be seen: %q", line)
	}
	for got, err := range Read(strings.NewReader(line)) {
		if err != nil || got.Server.Banner != hostile {
			t.Errorf("read back as %q, %v", got.Server.Banner, err)
		}
	}
}

// A scan that was killed leaves a torn line, and only the last line can be one.
func TestReadTorn(t *testing.T) {
	const good = `{"type":"result","schema":1,"target":"192.0.2.1:25","verdict":"closed","reason":"refused"}`
	for input, torn := range map[string]bool{
		good + "\n" + good[:30]:        true,
		good + "\n" + good[:30] + "\n": false, // a line that came to its end is no torn one
		good[:30] + "\n" + good + "\n": false,
		good + "\n" + `{"schema":2}`:   false,
		good + "\n" + good:             false,
	} {
		var last error
		for _, err := range Read(strings.NewReader(input)) {
			last = cmp.Or(last, err)
		}
		if errors.Is(last, ErrTorn) != torn {
			t.Errorf("%q: %v", input, last)
		}
	}
}

// PowerShell writes what is redirected with a byte order mark, and in UTF-16.
func TestReadWindowsText(t *testing.T) {
	text, err := os.ReadFile("testdata/results.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, written := range [][]byte{utf16, append([]byte("\ufeff"), text...)} {
		var got []probe.Result
		for r, err := range Read(bytes.NewReader(written)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
		}
		if !reflect.DeepEqual(got, saved(t)) {
			t.Errorf("%d results, and others", len(got))
		}
	}
}
