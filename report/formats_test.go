package report

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// subject is one format of one kind of record, with records to write in it.
type subject struct {
	kind, format, about string

	write func(t testing.TB, w io.Writer, o Options) error // the saved records; returns the error of Close
	find  func(name string) error                          // a format of that kind

	harmless func(t *testing.T) // writes and reads hostile records
}

// render returns the report of the saved records.
func (s subject) render(t testing.TB, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.write(t, &b, o); err != nil {
		t.Fatalf("%s as %s: %v", s.kind, s.format, err)
	}
	return b.String()
}

// subjects lists every format of every kind of record.
func subjects(t testing.TB) []subject {
	return slices.Concat(
		subjectsOf("results", Results, Options{}, saved(t), attackResults),
		subjectsOf("changes", Changes, Options{}, hostileChanges(), attackChanges),
		subjectsOf("listings", Listings, Options{Ranges: "198.51.100.0/24"}, savedListings(t), attackListings),
		subjectsOf("bounces", Bounces, Options{}, savedBounces(t), attackBounces),
		subjectsOf("deliveries", Deliveries, Options{}, savedDeliveries(), attackDeliveries),
	)
}

func subjectsOf[T any](kind string, all Formats[T], about Options, records []T, a attack[T]) (list []subject) {
	for _, f := range all {
		s := subject{kind: kind, format: f.Name, about: f.About}
		s.write = func(t testing.TB, w io.Writer, o Options) error {
			o.Ranges = about.Ranges
			report := f.New(w, o)
			for _, r := range records {
				_ = report.Write(r) // the error must still be there at the end
			}
			return report.Close()
		}
		s.find = func(name string) error { _, err := all.Find(name); return err }
		s.harmless = func(t *testing.T) { a.check(t, f) }
		list = append(list, s)
	}
	return list
}

// each runs a test for every format of every kind of record.
func each(t *testing.T, test func(t *testing.T, s subject)) {
	for _, s := range subjects(t) {
		t.Run(s.kind+"/"+s.format, func(t *testing.T) { test(t, s) })
	}
}

func TestFormats(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		if s.about == "" {
			t.Error("has no About")
		}
		checkGolden(t, s.kind+"."+s.format+".golden", s.render(t, Options{}))
	})
}

// A format is found by its name; the error tells what was meant, and what there is.
func TestFind(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		if err := s.find(s.format); err != nil {
			t.Error(err)
		}
		for name, want := range map[string]string{
			"x" + s.format:            `unknown format "x` + s.format + `", did you mean "` + s.format + `"? the formats are `,
			strings.ToUpper(s.format): `did you mean "` + s.format + `"?`,
			"":                        `unknown format "": the formats are `,
			"\x1b[":                   `unknown format "\x1b[": the formats are `,
		} {
			if err := s.find(name); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %q in it", name, err, want)
			}
		}
	})
	for name, want := range map[string]string{
		"jsnlo": `unknown format "jsnlo", did you mean "jsonl"? the formats are table, jsonl, json,`,
		"tabel": `did you mean "table"?`,
		"jsn":   `did you mean "json"?`,
		"pdf":   `unknown format "pdf": the formats are`,
	} {
		if _, err := Results.Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", name, err, want)
		}
	}
}

// failing takes so many bytes and then no more, as a full disk does.
type failing struct {
	room int
	took bytes.Buffer
}

var errFull = errors.New("no space left on device")

func (f *failing) Write(b []byte) (int, error) {
	n := min(len(b), f.room)
	f.room -= n
	f.took.Write(b[:n])
	if n < len(b) {
		f.room = 1 << 20 // room again: what comes now must not follow a torn line
		return n, errFull
	}
	return n, nil
}

func TestWriteErrors(t *testing.T) {
	each(t, func(t *testing.T, s subject) {
		whole := s.render(t, Options{})
		for room := 0; room < len(whole); room += max(97, len(whole)/50) {
			out := &failing{room: room}
			if err := s.write(t, out, Options{}); !errors.Is(err, errFull) {
				t.Fatalf("disk full after %d bytes: Close = %v", room, err)
			}
			if got := out.took.String(); got != whole[:room] {
				t.Fatalf("disk full after %d bytes: something was written after that", room)
			}
		}
	})
}
