package bounce

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what is found into the .want files, to be read before it is believed")

// testReader knows a list that no table has, and what our own hosts are.
var testReader = Reader{
	Lists: []List{
		{Zone: "zen.spamhaus.org", Name: "Spamhaus ZEN", Lookup: "https://lookup.example/", Delist: "https://delist.example/"},
		{Zone: "bl.example.net", Name: "Example Block List"},
	},
	Ours: []string{"mail.example.org", "203.0.113.9", "2001:db8::/48"},
}

// TestCorpus reads one bounce of each shape and compares with the file beside it.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d bounces, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".eml")
		t.Run(name, func(t *testing.T) {
			b := parseFile(t, file)
			got, wantFile := describe(b), "testdata/"+name+".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// TestCorpusComplete: the bounces that name a host and a list are not the exception.
func TestCorpusComplete(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.eml")
	complete := slices.DeleteFunc(slices.Clone(files), func(file string) bool {
		return !slices.ContainsFunc(parseFile(t, file).Findings, func(f Finding) bool {
			return (f.Host != "" || f.Address.IsValid()) && f.Reply != "" && f.BlockList && len(f.Lists) > 0
		})
	})
	if len(complete) < 30 {
		t.Errorf("host, reply and list in %d of %d bounces only", len(complete), len(files))
	}
	t.Logf("host, reply and list in %d of %d bounces", len(complete), len(files))
}

func parseFile(t *testing.T, file string) Bounce {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := testReader.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// describe writes a bounce in the form of the .want files.
func describe(b Bounce) string {
	var s strings.Builder
	line := func(what string, values ...any) {
		if text := strings.Join(strings.Fields(fmt.Sprint(values...)), " "); text != "" {
			fmt.Fprintf(&s, "%s: %s\n", what, text)
		}
	}
	line("kind", b.Kind)
	line("why", b.Why)
	line("reporter", b.Reporter)
	if b.Original != nil {
		line("original", fmt.Sprintf("%s, %d received, %s", b.Original.MessageID, b.Original.Received, or(string(b.Original.Origin), "origin unknown")))
	}
	for _, f := range b.Findings {
		fmt.Fprintln(&s)
		line("recipient", f.Recipient)
		line("kind", f.Kind)
		host := f.Host
		if f.Address.IsValid() {
			host += " [" + f.Address.String() + "]"
		}
		if f.Local {
			host += " (local)"
		}
		line("host", host)
		line("stage", f.Stage)
		if f.Code != 0 {
			line("code", f.Code)
		}
		line("status", f.Status)
		for part := range strings.SplitSeq(f.Reply, "\n") {
			line("reply", part)
		}
		line("meaning", f.Meaning)
		line("subject", f.Subject)
		for _, l := range f.Lists {
			line("list", fmt.Sprintf("%s (%s) %s", or(l.Zone, "-"), l.Name, l.Lookup))
		}
		line("against", f.Against)
		line("page", strings.Join(f.Pages, " "))
	}
	return s.String()
}
