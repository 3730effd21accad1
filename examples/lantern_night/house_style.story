# What every film of ours shares. A file without `story` is a library: it is imported, never built.
edition 1

let clean = watermark, subtitles, distorted hands
let grain = 35mm film grain, soft contrast.
