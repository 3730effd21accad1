story "Robots" (12 seconds)
    .model kirin_v3_t2v
    .aspect_ratio 16:9

scene factory "The factory" 8s:
    shot line 4 seconds:
        Wide shot: robots weld a car. Sparks fly.
    shot eye 4 seconds:
        Close-up of a robot's eye lighting up.
scene exit "The exit" 4s:
    shot door 4 seconds:
        A door opens to daylight.
