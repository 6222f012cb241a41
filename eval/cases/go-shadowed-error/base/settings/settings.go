package settings

import (
	"encoding/json"
	"fmt"
	"os"
)

// Settings of the agent.
type Settings struct {
	Server string   `json:"server"`
	Labels []string `json:"labels"`
}

// Save writes the settings.
func Save(path string, s Settings) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the settings: %w", err)
	}
	return os.WriteFile(path, text, 0o600)
}
