"""Why a step ran again: what decides it, recorded at every build and compared with earlier ones."""
