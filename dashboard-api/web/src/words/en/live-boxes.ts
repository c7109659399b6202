/** Boxes on the live picture. */
export const liveBoxWords = {
  liveBoxes: {
    show: 'Boxes',
    key: 'show or hide boxes of the model',
    drawn: 'Found by the model: {{n}}',
    still: 'still',
    lastNothing: 'Last analysed {{time}}: nothing found',
    lastFound: 'Last analysed {{time}}: {{n}} found',
    lastGone: 'Last analysed {{time}}: {{n}} found; no later picture is analysed yet, so no box is drawn',
    waiting: 'Waiting for an analysed picture',
    behind: 'No boxes: the analysis is more than 1 s behind the picture, so they would lie on another one',
    noModel: 'No boxes: no model analyses the pictures of this camera',
    late: 'No boxes: no picture has been analysed by a model for 35 s',
    noClock:
      'No boxes: this browser does not tell which picture is on screen, so a box could lie on the wrong one',
    noStream: 'No boxes: only the camera’s own video has them, not the small video and not stills',
  },
}
