package report

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
)

// fileReaders are what reads files of records, each of one type.
var fileReaders = map[string]func(io.Reader) []error{
	"result":   func(r io.Reader) []error { return errorsOf(Read, r) },
	"delivery": func(r io.Reader) []error { return errorsOf(ReadDeliveries, r) },
}

func errorsOf[T any](read func(io.Reader) iter.Seq2[T, error], r io.Reader) (all []error) {
	for _, err := range read(r) {
		all = append(all, err)
	}
	return all
}

// files are the saved records of every type, as jsonl has them, in the order of recordTypes.
func files(t *testing.T) (files []string) {
	kinds := map[string]string{"result": "results", "change": "changes", "listings": "listings", "bounce": "bounces", "delivery": "deliveries"}
	for _, of := range recordTypes {
		for _, s := range subjects(t) {
			if s.kind == kinds[of.name] && s.format == "jsonl" {
				files = append(files, s.render(t, Options{}))
			}
		}
	}
	if len(files) != len(recordTypes) {
		t.Fatalf("%d types of record have files, of %d", len(files), len(recordTypes))
	}
	return files
}

// Every record of every kind says first what it is.
func TestTypeComesFirst(t *testing.T) {
	for i, file := range files(t) {
		for line := range strings.Lines(file) {
			if begin := fmt.Sprintf(`{"type":%q,"schema":1,`, recordTypes[i].name); !strings.HasPrefix(line, begin) {
				t.Errorf("begins otherwise than %s: %.60s", begin, line)
			}
		}
	}
}

// Whatever reads a file reads its own type, and refuses every other by its name, whether the version that
// wrote it said the type or not.
func TestReadersRefuseOtherTypes(t *testing.T) {
	for wanted, read := range fileReaders {
		for i, file := range files(t) {
			of := recordTypes[i]
			older := strings.ReplaceAll(file, fmt.Sprintf(`{"type":%q,`, of.name), "{")
			newer := strings.ReplaceAll(file, `,"schema":1,`, `,"schema":9,`)
			for version, text := range map[string]string{"of this version": file, "older": older, "newer": newer} {
				want := fmt.Sprintf("line %%d: holds %s, not %s", of.many, typeNamed(wanted).many)
				switch {
				case of.name == wanted && version == "newer":
					want = "line %d: written by a newer version (schema 9, this one reads up to 1)"
				case of.name == wanted:
					want = ""
				}
				for n, err := range read(strings.NewReader(text)) {
					if want == "" && err != nil || want != "" && (err == nil || err.Error() != fmt.Sprintf(want, n+1)) {
						t.Errorf("%s, %s, read as %s: %v, want %q", of.many, version, typeNamed(wanted).many, err, want)
					}
				}
			}
		}
	}
}

func TestBeginsResult(t *testing.T) {
	const ours = `{"type":"result","schema":1,"scan":{"id":"abc234","spec":"0123456789ab"`
	for n := range len(ours) {
		if may, sure := BeginsResult(ours[:n], "0123456789ab"); !may || sure {
			t.Errorf("%q: %t, %t", ours[:n], may, sure)
		}
	}
	for text, want := range map[string]bool{
		ours: true, ours + `,"version":"1`: true, strings.Replace(ours, `"type":"result",`, "", 1): true,
		strings.Replace(ours, "ab\"", "ac\"", 1): false, strings.Replace(ours, "abc234", "A B", 1): false,
		`{"schema":"`: false, `{"schema":1,"a`: false, `{"type":"change","schema":1,"scan":`: false, "x": false,
	} {
		if may, sure := BeginsResult(text, "0123456789ab"); may != want || sure != want {
			t.Errorf("%q: %t, %t; want %t", text, may, sure, want)
		}
	}
}
