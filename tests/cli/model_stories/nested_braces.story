story "Night Market" {
  model = "kirin_v3_t2v"
  aspect = "9:16"
  negative = "blurry, watermark"

  scene "Arrival" {
    shot street duration=4s {
      "Wide shot of a night market, neon and rain."
    }
    shot face duration=3s {
      "Close-up of Mei, steam on her glasses."
    }
  }
}
