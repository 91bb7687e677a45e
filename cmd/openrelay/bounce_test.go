package main

import (
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"openrelay/probe/bounce"
)

var updateBounces = flag.Bool("update-bounces", false, "write testdata/bounce from what is printed, to be read before it is believed")

// TestBounceReport prints a directory of bounces, for people and for programs.
func TestBounceReport(t *testing.T) {
	reader := &bounce.Reader{
		Lists: []bounce.List{{Zone: "zen.spamhaus.org", Name: "Spamhaus ZEN", Lookup: "https://lookup.example/", Delist: "https://delist.example/"}},
		Ours:  []string{"mail.example.org", "203.0.113.9"},
	}
	dir := t.TempDir()
	for _, name := range []string{"postfix-zen", "postfix-three", "postfix-backscatter", "postfix-success", "exim-delayed", "hmailserver", "mailenable", "microsoft-365", "not-vacation", "unknown-wording"} {
		b, err := os.ReadFile("../../probe/bounce/testdata/" + name + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+name+".eml", b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(dir+"/zz.eml", []byte("no mail\x1b[2J\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.txt", "report.jsonl"} {
		found, err := bounces(reader, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		tally, err := bounceReport(&got, found, name == "report.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		wantTally := bounceTally{BlockLists: 5, Others: 6, NoBounces: 1, Unreadable: 1, Ask: []listQuestion{
			{"203.0.113.9", nil}, // hMailServer: a provider's list
			{"203.0.113.9", []string{"bl.blocklist.de"}},
			{"203.0.113.9", []string{"bl.example.net"}},
			{"203.0.113.9", []string{"zen.spamhaus.org"}},
		}}
		if !reflect.DeepEqual(tally, wantTally) {
			t.Errorf("%s: tally %+v, want %+v", name, tally, wantTally)
		}
		file := "testdata/bounce/" + name
		if *updateBounces {
			if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got.String(), want)
		}
		if strings.Contains(got.String(), "\x1b") {
			t.Errorf("%s has an escape character", name)
		}
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

func TestBounceReportFullDisk(t *testing.T) {
	found, err := bounces(&bounce.Reader{}, "../../probe/bounce/testdata/domino.eml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bounceReport(fullDisk{}, found, false); err == nil {
		t.Error("nobody noticed that the disk is full")
	}
}

// The record of a bounce may be printed in the log of a CI job, as those of a scan may.
func TestBounceLineIsHarmless(t *testing.T) {
	line := bounceLine(bounce.Bounce{Findings: []bounce.Finding{{Reply: "554 ##vso[task.x]y \u202e"}}}, nil)
	if strings.Contains(line, "##vso[") || strings.ContainsRune(line, '\u202e') || !strings.Contains(line, "554 ##vso") {
		t.Errorf("got %s", line)
	}
}
