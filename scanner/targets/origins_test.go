package targets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every target of a file knows its line, however it is named there; others have none.
func TestOrigins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "targets.txt")
	file := `# the mail hosts
192.0.2.1:25
	192.0.2.2:25  # twice, see the range

198.51.100.0/30
198.51.100.2-2:25
mx:home.example:25
backup.example.org:25
10.0.1.0/31:26
10.0.1.0/31
`
	if err := os.WriteFile(path, []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	o := world.options()
	o.Stdin = strings.NewReader("192.0.2.3:25\n")
	list, err := Parse([]string{"192.0.2.9:25", "192.0.2.1:25", "-", "@" + path}, o)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for target, err := range list.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got[target.String()] = strings.TrimPrefix(target.Origin, path)
	}
	for target, want := range map[string]string{
		"192.0.2.9:25": "", "192.0.2.3:25": "", // the command line and standard input are no files
		"192.0.2.1:25": ":2", "192.0.2.2:25": ":3",
		"198.51.100.0:25": ":5", "198.51.100.1:25": ":5", "198.51.100.2:25": ":6", "198.51.100.3:25": ":5",
		"10.0.0.1:25": ":7", "192.0.2.26:25": ":8",
		"10.0.1.0:25": ":10", "10.0.1.1:25": ":10", "10.0.1.0:26": ":9", "10.0.1.1:26": ":9",
	} {
		if origin, ok := got[target]; !ok || origin != want {
			t.Errorf("%s: origin %q (tested: %t), want %q", target, origin, ok, want)
		}
		delete(got, target)
	}
	if len(got) > 0 {
		t.Errorf("and besides: %v", got)
	}
}
