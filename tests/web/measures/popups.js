// Pop-ups and carousels.
() => [...document.querySelectorAll('dialog[open], [role=dialog], [aria-roledescription=carousel], marquee')].map((each) => each.outerHTML.slice(0, 60))
