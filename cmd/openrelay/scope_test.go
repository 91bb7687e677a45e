package main

import (
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestUserConfig(t *testing.T) {
	me, err := user.Current()
	unless(t, err == nil, "this takes a user database")
	database := filepath.Join(me.HomeDir, ".config")
	for _, tc := range []struct {
		xdg, home string
		want      []string
	}{
		{"", "/home/ada", []string{"/home/ada/.config"}},
		{"", "", []string{database}},
		{"/elsewhere", "", []string{"/elsewhere", database}},
		{"/elsewhere", "/home/ada", []string{"/elsewhere", "/home/ada/.config"}},
		{"not/from/the/root", "/home/ada", []string{"/home/ada/.config"}},
	} {
		t.Setenv("XDG_CONFIG_HOME", tc.xdg)
		t.Setenv("HOME", tc.home)
		if got := userConfig(); !slices.Equal(got, tc.want) {
			t.Errorf("XDG_CONFIG_HOME=%s HOME=%s: %q, want %q", tc.xdg, tc.home, got, tc.want)
		}
	}
}

// Without HOME, as in a cron job, the user database says where the user's exclude file is.
func TestExcludeWithoutHome(t *testing.T) {
	cmd := mounted(t, `sed "s|^\(root:.*\):[^:]*:\([^:]*\)$|\1:$DIR:\2|" /etc/passwd >"$DIR/passwd"; mount --bind "$DIR/passwd" /etc/passwd`,
		`mkdir -p "$DIR/.config/openrelay"; echo 127.0.0.9 >"$DIR/.config/openrelay/exclude"
unset HOME XDG_CONFIG_HOME; exec openrelay scan 127.0.0.9:1`)
	out, err := cmd.CombinedOutput()
	if s := status(t, err); s != statusUsage || !strings.Contains(string(out), "every target is excluded") {
		t.Errorf("exit status %d\n%s", s, out)
	}
}
