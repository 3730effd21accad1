# A model without a field for negatives: they are written into every prompt, in words of our own.
edition 1

story "Paper Theatre" 30s
  .model kirin_v2_1_master_t2v
  .negatives inline
  .negative hands, live actors, computer animation
  .prefix Stop-motion paper theatre, layered card, visible glue, one warm lamp.
  A storm in a shoe box.

phrase avoid(items)
  Never {{ items | join(", never ") }}.

shot overture 5s
  The curtain is two torn envelopes. They jerk open on a sea of blue sugar paper.

for weather in breeze, gale
  shot boat 5s
    A walnut-shell boat with a sail of tracing paper in a {{ weather }}; the waves are cut card on three sticks.

shot lightning 5s
  Lightning: a strip of tinfoil drops on a thread. Everything that is paper casts its shadow on the back wall.

shot deep 5s
  Under the sea. Silence; a paper whale crosses the whole stage, scale by scale.

shot calm 5s
  The lamp is moved by hand across the sky and becomes the sun. The boat is ashore, upside down, and fits like a hat.
