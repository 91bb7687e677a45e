package fixes

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is printed makes rcpthosts of the domains that are the server's own, and leaves a list alone that is there.
func TestMakeRcpthosts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"all domains", map[string]string{
			"me":             "mx.example.org\n",
			"locals":         "localhost\n# ours\nexample.org  \n",
			"virtualdomains": "example.net:joe\n.example.com:alias-wild\njoe@example.edu:joe\n:alias-all\nelsewhere.example:\n#old.example:joe\n",
		}, ".example.com\nexample.edu\nexample.net\nexample.org\nlocalhost\n"},
		{"only its name", map[string]string{"me": "mx.example.org\n"}, "mx.example.org\n"},
		{"a list is there", map[string]string{"me": "mx.example.org\n", "rcpthosts": "example.net\n"}, "example.net\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sh, err := exec.LookPath("sh")
			if err != nil {
				t.Skip("there is no sh here")
			}
			dir := t.TempDir()
			for name, text := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(sh, "-ec", makeRcpthosts)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if got, err := os.ReadFile(filepath.Join(dir, "rcpthosts")); err != nil || string(got) != tt.want {
				t.Errorf("rcpthosts is %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

// What is printed for the control files is done where they are, and not in the folder where somebody pastes it.
func TestInControl(t *testing.T) {
	const qmail, indimail = "var/qmail/control", "etc/indimail/control"
	for _, tt := range []struct {
		name  string
		there []string
		want  string // where the file is made; "" for nowhere
	}{
		{"qmail", []string{qmail}, qmail},
		{"IndiMail", []string{indimail}, indimail},
		{"neither", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sh, err := exec.LookPath("sh")
			if err != nil {
				t.Skip("there is no sh here")
			}
			root := t.TempDir()
			for _, dir := range tt.there {
				if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			lines := strings.NewReplacer("/var/", root+"/var/", "/etc/", root+"/etc/").Replace(inControl("echo x >rcpthosts"))
			cmd := exec.Command(sh, "-c", lines)
			cmd.Dir = root
			if out, err := cmd.CombinedOutput(); (err == nil) != (tt.want != "") {
				t.Errorf("%v\n%s", err, out)
			}
			for _, dir := range []string{"", qmail, indimail} {
				_, err := os.Stat(filepath.Join(root, dir, "rcpthosts"))
				if made := err == nil; made != (tt.want != "" && dir == tt.want) {
					t.Errorf("made in %q: %t", dir, made)
				}
			}
		})
	}
}
