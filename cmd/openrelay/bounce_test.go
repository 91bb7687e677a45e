package main

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"openrelay/probe/bounce"
	"openrelay/report"
)

// TestWriteBounces: what bounces leave to ask the lists, of whomever they say it, once each.
func TestWriteBounces(t *testing.T) {
	found, err := bounces(&bounce.Reader{}, "../../probe/bounce/testdata", nil)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	w, err := report.Bounces.New("table", &said, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum, whom, err := writeBounces(w, found)
	if err != nil || !strings.HasSuffix(said.String(), "\n"+sum.String()+"\n") {
		t.Errorf("%v, and said at the end %q, want %q", err, said.String()[max(0, said.Len()-100):], sum)
	}
	if !slices.Contains(whom, "203.0.113.9") || len(slices.Compact(slices.Sorted(slices.Values(whom)))) != len(whom) {
		t.Errorf("to be asked: %q", whom)
	}
}

// TestBounces: a file, standard input, and what is not there.
func TestBounces(t *testing.T) {
	const file = "../../probe/bounce/testdata/qmail-rblsmtpd.eml"
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, want := range map[string]string{file: file, "-": ""} {
		found, err := bounces(&bounce.Reader{}, name, f)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for b, err := range found {
			n++
			if err != nil || b.Source != want || len(b.Findings) != 1 || !b.Findings[0].BlockList {
				t.Errorf("%s: %+v, %v", name, b, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d messages", name, n)
		}
	}
	if _, err := bounces(&bounce.Reader{}, t.TempDir()+"/none", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteBouncesFullDisk(t *testing.T) {
	found, err := bounces(&bounce.Reader{}, "../../probe/bounce/testdata/domino.eml", nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := report.Bounces.New("table", fullDisk{}, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := writeBounces(w, found); err == nil {
		t.Error("nobody noticed that the disk is full")
	}
}
