let clean = text, watermark, logo
