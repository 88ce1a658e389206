/** Where the page begins: look, session, first drawing. */
import { createRoot } from 'react-dom/client';
import './ui/tokens.css';
import './ui/base.css';
import './app/app.css';
import { App } from './app/app';
import { startLook } from './app/look';
import { startSession } from './app/session';

startLook();
void startSession();

const host = document.getElementById('app');
if (host) createRoot(host).render(<App />);
